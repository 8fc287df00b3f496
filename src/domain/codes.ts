/**
 * Every code that a diagnostic or an error can carry: a closed list, so that the compiler finds a
 * missing one and `docs/errors.md` is generated from it.
 */

/** What the process ends with. The numbers are a promise to scripts. */
export const EXIT = {
  done: 0,
  error: 1,
  changes: 2,
  partial: 3,
  refused: 4,
  stale: 5,
  invalid: 6,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

interface CodeRow {
  /** What the code means, in a sentence. */
  readonly meaning: string;
  /** What to do, in a sentence. */
  readonly remedy: string;
  /** What a command ends with when this stops it. A warning stops nothing. */
  readonly exit: ExitCode;
}

const invalid = (meaning: string, remedy: string): CodeRow => ({
  meaning,
  remedy,
  exit: EXIT.invalid,
});
const failure = (meaning: string, remedy: string): CodeRow => ({
  meaning,
  remedy,
  exit: EXIT.error,
});

const stale = (meaning: string, remedy: string): CodeRow => ({
  meaning,
  remedy,
  exit: EXIT.stale,
});

export const CODES = {
  // files
  'file.unreadable': invalid(
    'A policy or settings file cannot be read.',
    'Check that it exists and that its permissions let you read it.',
  ),
  'file.too-large': invalid(
    'A file is larger than 1 MiB.',
    'Split it: several files, or several documents, are read as one policy set.',
  ),
  'file.outside': invalid(
    'A symbolic link leads out of the policies folder.',
    'Put the file itself into the folder.',
  ),
  'file.not-utf8': invalid('A file is not UTF-8 text.', 'Save it as UTF-8.'),
  'file.more-findings': invalid(
    'A file has more findings than are shown, 100 at a time.',
    'Mend the first ones, and look again.',
  ),
  'file.no-policies': invalid(
    'No policy was found.',
    'Create one with `wrapkeeper init`, or name the folder in `policies` of the settings.',
  ),
  // YAML
  'yaml.syntax': invalid('The text is not valid YAML.', 'Mend the place that the message shows.'),
  'yaml.duplicate-key': invalid(
    'A key stands twice in one map, and only one could count.',
    'Keep one of them.',
  ),
  'yaml.tab': invalid('A line is indented by a tab, which YAML forbids.', 'Indent with spaces.'),
  'yaml.alias': invalid(
    'Anchors, aliases and merge keys are not used in policies: what applies should be readable where it stands.',
    'Write the values out.',
  ),
  'yaml.tag': invalid(
    'A YAML tag (`!…`) stands where plain text is meant.',
    'Put the text in quotes.',
  ),
  'yaml.not-text': invalid(
    'YAML reads an unquoted value as a number, a boolean, a date or nothing where a text is meant.',
    'Put the text in quotes.',
  ),
  'yaml.text-as-map': invalid(
    'A colon followed by a space made a map of what looks like one text.',
    'Put the text in quotes.',
  ),
  'yaml.comment-in-text': {
    ...invalid(
      'A space and `#` cut a text: what follows is a comment to YAML.',
      'Put the text in quotes, or move the comment to a line of its own.',
    ),
  },
  'yaml.invisible': {
    ...invalid(
      'A text begins or ends with a space, or holds a character that cannot be seen.',
      'Delete the character, or keep it by writing it as an escape in double quotes.',
    ),
  },
  'yaml.empty': {
    ...invalid('A file or document is empty.', 'Delete it, or write a policy into it.'),
  },
  // schema
  'schema.unknown-key': invalid(
    'A key is not part of the language.',
    'Use the key that the message suggests, or delete it.',
  ),
  'schema.missing-key': invalid('A required key is missing.', 'Add it.'),
  'schema.wrong-type': invalid(
    'A value is of the wrong type.',
    'Write a value of the type that the message names.',
  ),
  'schema.invalid-value': invalid(
    'A value is not one of those allowed.',
    'Use one that the message names.',
  ),
  'schema.unknown-kind': invalid(
    '`kind` or `apiVersion` is not one that this version knows, or stands in the wrong file.',
    'Use `apiVersion: wrapkeeper/v1` and a kind of the reference.',
  ),
  // policy rules
  'policy.duplicate-name': invalid(
    'Two documents of one kind have the same `metadata.name`.',
    'Rename one: plans and events tell policies apart by name.',
  ),
  'policy.duplicate-code': invalid('A code is listed twice in one policy.', 'Keep one entry.'),
  'policy.listed-and-forbidden': invalid(
    'A policy lists a code that it forbids.',
    'Decide for one of the two.',
  ),
  'policy.empty-codes': invalid(
    'An empty list of codes with `unlisted: remove` would leave queues without any code.',
    'List the codes, or say `allowEmpty: true`.',
  ),
  'policy.mandatory-without-code': invalid(
    'A prompt that is mandatory needs a code to choose.',
    'List at least one code, or choose another prompt.',
  ),
  'policy.timer-without-timed-prompt': invalid(
    'A timeout stands beside a prompt that knows no timer.',
    'Delete `timeout`, or choose MANDATORY_TIMEOUT, MANDATORY_FORCED_TIMEOUT or AGENT_REQUESTED.',
  ),
  'policy.timer-out-of-bounds': invalid(
    'A timeout is outside what the platform accepts: 1s to 60m.',
    'Choose a value within the bounds.',
  ),
  'policy.required-not-enforceable': invalid(
    'A code is required while the prompt lets agents leave without one.',
    'Use a MANDATORY prompt, or drop `required`.',
  ),
  'policy.required-advisory': invalid(
    'The public API cannot make sure that an interaction ends with one of these codes; only `MANDATORY` does.',
    'Use `prompt: MANDATORY` to have it enforced; otherwise it is checked by `compliance` afterwards.',
  ),
  'policy.bypass-advisory': invalid(
    'The public API has no setting for a `bypass` flag; it is reported and checked, not enforced.',
    'Keep it as documentation, or use `api: wrapupcodes-put` where a gateway offers it.',
  ),
  'policy.unmanaged-needs-replace': invalid(
    'A section says `unmanaged` without `combine: replace`.',
    'Add `combine: replace`, or leave the section out.',
  ),
  'policy.nothing-managed': invalid(
    'A policy says neither `afterCallWork` nor `wrapupCodes`.',
    'Add one of the sections.',
  ),
  'policy.selects-nothing': invalid(
    'A pattern, or a known division, matches no queue.',
    'Check the spelling, or delete the entry.',
  ),
  'policy.active-never': invalid(
    '`active.until` is not after `active.from`.',
    'Swap or mend the two instants.',
  ),
  'policy.expired': invalid(
    'A suspension, an allowance or an active period has ended.',
    'Delete it when it is no longer needed.',
  ),
  'policy.conflict': invalid(
    'Two policies of equal priority disagree about a queue.',
    'Give one a higher `priority`, or let them select different queues.',
  ),
  'catalog.duplicate': invalid('A code stands twice in the catalogs.', 'Keep one entry.'),
  'catalog.same-name': invalid(
    'A code names itself as its previous name.',
    'Delete `previously`, or write the old name there.',
  ),
  'catalog.retired-listed': invalid(
    'A policy lists a code that the catalog has retired.',
    'Delete it from the policy, or take `retired` off.',
  ),
  'catalog.renamed-listed': invalid(
    'A policy lists a code by the name that the catalog renames away.',
    'Use the new name.',
  ),
  'catalog.not-listed': invalid(
    'A policy lists a code that the catalog does not.',
    'Add it to the catalog, or mend its spelling.',
  ),
  'catalog.missing-code': invalid(
    'The catalog lists a code that does not exist, and may not create it.',
    'Create it in Genesys Cloud, or set `spec.create: true`.',
  ),
  'catalog.rename-blocked': invalid(
    'A rename cannot be done: both names exist.',
    'Move the queues from the old code to the new one, then delete `previously`.',
  ),
  'catalog.probable-rename': invalid(
    'A code is created that probably exists under another name: that name is near, or is removed from the same queues.',
    'If it is one, say `previously:` in the catalog, so that the history of the code is kept.',
  ),
  'catalog.suspended': invalid(
    'Changes of the catalog wait for the end of a suspension.',
    'Nothing to do: it ends by itself.',
  ),
  'catalog.closed': invalid(
    'Changes of the catalog wait for a change window.',
    'Nothing to do: an apply within the next window makes them.',
  ),
  // references to the live organization
  'reference.unknown-queue': invalid(
    'A queue is named that does not exist, or that cannot be seen with these credentials.',
    "Mend the name or the id; check that the OAuth client may read the queue's division.",
  ),
  'reference.renamed': invalid(
    'An id exists under another name than the one beside it.',
    'Write the new name.',
  ),
  'reference.unknown-division': invalid(
    'A division is named that does not exist.',
    'Mend the name.',
  ),
  'reference.unknown-code': invalid(
    'A wrap-up code is named that does not exist.',
    'Mend the name, or create the code (a WrapupCodeCatalog with `create: true` does).',
  ),
  'reference.ambiguous-code': invalid(
    'Two codes of the organization have names that look the same.',
    'Select the code by `id`.',
  ),
  // settings
  'settings.literal-secret': invalid(
    'A secret stands in the settings as plain text.',
    'Put it into an environment variable or a file, and write `{ env: NAME }` or `{ file: PATH }`. Treat the old one as known to others.',
  ),
  'settings.invalid-schedule': invalid(
    'A change window has a schedule or a time zone that cannot be read, or never opens.',
    'Use a cron expression of five fields, a duration and an IANA time zone.',
  ),
  'settings.organization-required': invalid(
    'Where CI=true the settings must name the organization.',
    'Add `organization: { id: … }` to wrapkeeper.yaml.',
  ),
  'settings.insecure-url': invalid(
    'Events would be sent over plain http.',
    'Use https, or say `allowPrivateNetwork: true` for a receiver on this machine or network.',
  ),
  'settings.several-documents': invalid(
    'The settings file holds more than one document.',
    'Keep one of them.',
  ),
  'settings.misnamed': invalid(
    'Settings lie under a name that is not read.',
    'Call the file wrapkeeper.yaml, or name it with `--config`.',
  ),
  'settings.duplicate-sink': invalid('Two webhooks have the same name.', 'Rename one.'),
  // secrets
  'secret.missing': failure(
    'A secret that the settings refer to is not there, or is empty.',
    'Set the variable, or write the file, that the message names; in CI, give the step its secret.',
  ),
  'secret.unreadable': failure(
    'The file of a secret cannot be read.',
    'Name a text file of at most 64 KiB that holds the secret alone, and that this process may read.',
  ),
  // credentials, network, platform
  'genesys.no-credentials': failure(
    'There are no credentials in the environment.',
    'Set GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET.',
  ),
  'genesys.login-failed': failure(
    'The platform refused the OAuth client.',
    'Check the client id and secret, that the client uses the grant Client Credentials, and the region; `wrapkeeper doctor` shows which are used.',
  ),
  'genesys.unauthorized': failure(
    'The platform no longer accepts the access token.',
    'Where the environment gives a token, get a new one, or use an OAuth client instead; where it gives an OAuth client, check that this is still active, and the region.',
  ),
  'genesys.forbidden': failure(
    'The OAuth client lacks a permission.',
    'Give its role the permission that the message names, for the divisions of the queues; `wrapkeeper doctor` tries all that are read with.',
  ),
  'genesys.unknown-region': failure(
    'The region is not one of Genesys Cloud.',
    'Use a region such as us-east-1, or its domain such as mypurecloud.com.',
  ),
  'genesys.wrong-organization': failure(
    'The credentials belong to another organization than the settings name.',
    'Use the credentials of that organization, or mend `organization.id`.',
  ),
  'genesys.unreachable': failure(
    'The platform cannot be reached.',
    'Check the network, the proxy variables, the region and the gateway host and port; `wrapkeeper doctor` shows which are used.',
  ),
  'genesys.tls': failure(
    'No secure connection to the platform could be made.',
    'Check the protocol and port of the gateway; where a proxy signs connections anew, let NODE_EXTRA_CA_CERTS name its certificate.',
  ),
  'genesys.timeout': failure(
    'The platform did not answer in time.',
    'Try again; check the network if it stays so.',
  ),
  'genesys.not-genesys': failure(
    'Something else than Genesys Cloud answered.',
    'Check the region, the gateway and the proxy: one of them may have answered in its place, or changed what it answered.',
  ),
  'genesys.rejected': failure(
    'The platform rejected a request.',
    "The message names the field; search for the correlation id with the vendor's support.",
  ),
  'genesys.conflict': failure(
    'Another update of the same object was in progress, for longer than it was waited for.',
    'Run again.',
  ),
  'genesys.not-found': failure('An object no longer exists.', 'Plan again.'),
  'genesys.rate-limited': failure(
    'The platform kept refusing because of its rate limit.',
    'Wait a minute; lower `limits.requestsPerMinute` if others share the limit.',
  ),
  'genesys.unavailable': failure(
    'The platform answered with a failure of its own.',
    "Try again later; the correlation id helps the vendor's support.",
  ),
  'genesys.torn-read': failure(
    'A list kept changing while its pages were read.',
    'Try again when fewer people are editing.',
  ),
  'genesys.code-invisible': failure(
    'A code could not be created: its name is taken by one that these credentials cannot see.',
    'Give the OAuth client the division of that code, or choose another name.',
  ),
  // insight
  'explain.unknown-queue': failure(
    'No queue has the name or the id that was asked for.',
    'Check the spelling, and that the OAuth client may read the division of the queue; `wrapkeeper coverage` lists queues under no policy, by division.',
  ),
  'explain.several-queues': failure(
    'Several queues have the name that was asked for.',
    'Ask for one by its id.',
  ),
  'doctor.node-too-old': failure(
    'Node.js is older than this program needs.',
    'Install Node.js 20.19 or later.',
  ),
  'doctor.git-missing': failure(
    'git cannot be run, or is older than 2.32, and the settings need it.',
    'Install git 2.32 or later, or keep the journal in a folder: `journal: { folder: .wrapkeeper }`.',
  ),
  'doctor.clock-differs': failure(
    'The clock of this machine differs from the platform by minutes: windows, periods and signatures of events would be judged by a wrong time.',
    'Set the clock of this machine by NTP.',
  ),
  'doctor.address': failure(
    'The receiver of a webhook has no address, or one that this webhook may not have.',
    'Mend `url` of the webhook; for a receiver on this machine or network set `allowPrivateNetwork: true`.',
  ),
  // plan and apply
  'plan.unreadable': failure(
    'A plan file cannot be read.',
    'Check the path, and that its permissions let you read it.',
  ),
  'plan.not-saved': failure(
    'The plan could not be saved.',
    'Name a file in a folder that exists and can be written.',
  ),
  'plan.foreign': stale(
    'A file is no plan of Wrapkeeper.',
    'Save one: `wrapkeeper plan --out FILE`.',
  ),
  'plan.format-version': stale(
    'A plan has a format that this version does not know.',
    'Plan again with this version, or apply it with the one that made it.',
  ),
  'plan.edited': stale(
    'A plan is not what it was when it was saved.',
    'Plan again; what is to be changed stands in the policies.',
  ),
  'plan.unsealed': stale(
    'A plan is not sealed with the key of this place, or this place has no key.',
    'Set WRAPKEEPER_PLAN_KEY to the same value where plans are made and where they are applied.',
  ),
  'plan.expired': stale('A plan is too old to be applied.', 'Plan again.'),
  'plan.spent': stale(
    'A plan was applied to its end already.',
    'Plan again: what has drifted since stands in a new plan.',
  ),
  'plan.policies-changed': stale(
    'The policies are not those that the plan was made from.',
    'Plan again.',
  ),
  'plan.other-organization': stale(
    'A plan was made for another organization.',
    'Use the credentials of that organization, or plan again.',
  ),
  'plan.other-region': stale(
    'A plan was made for another region.',
    'Use the region of the plan, or plan again.',
  ),
  'plan.other-api': stale('A plan was made for another API than the settings name.', 'Plan again.'),
  'plan.outdated': stale(
    'The organization is not what it was when the plan was made.',
    'Plan again.',
  ),
  'plan.not-reviewed': stale(
    'What the branch changes is not what was reviewed: the policies of the branch, those of its base, or the queues it changes are others by now.',
    'Review the fresh plan (`plan --base`), and apply that one.',
  ),
  'plan.superseded': stale(
    'A newer commit of the branch was applied already, or may have been: an old run was run again, or overtaken while it waited.',
    'Run the newest commit instead; to go back to what this one says, revert the newer ones on the branch.',
  ),
  'plan.base-unknown': failure(
    'The base of a plan names no commit of the repository that the policies lie in.',
    'Check the name. A clone may lack it: `git fetch origin NAME`; with actions/checkout, set `fetch-depth: 0`.',
  ),
  'plan.base-unreadable': failure(
    'git cannot read the policies at the base of a plan.',
    'Check that the clone is whole (`git fsck`), and that the temporary folder has room.',
  ),
  'plan.base-broken': failure(
    'The policies or settings at the base of a plan are not valid, or there is too much of them.',
    'Nothing to do for this branch: all that the plan does counts as changed by it. Mend the base.',
  ),
  'plan.base-diverged': failure(
    'The base of a plan has commits that this branch lacks: what they changed looks as if the branch took it back.',
    'Merge the base into the branch, or name the commit that the branch began at.',
  ),
  'plan.unsafe': failure(
    'A change was held because it would break a queue.',
    'The reason says what is missing.',
  ),
  'plan.codes-not-understood': failure(
    'A gateway lists wrap-up codes of a queue in a way that cannot be written back as it is.',
    'Mend the list at the gateway: the message names the row.',
  ),
  'plan.queue-gone': failure(
    'A queue was deleted while the organization was read.',
    'Nothing to do, unless a policy names it: then take it out.',
  ),
  'apply.refused-by-guard': {
    meaning: 'The plan does more than the guards allow.',
    remedy: 'Read the plan; then split the change, or raise the guard that the message names.',
    exit: EXIT.refused,
  },
  'apply.not-approved': failure(
    'Nobody approved the plan.',
    'Answer `yes`, or pass `--auto-approve` where nobody can be asked.',
  ),
  'apply.windows-ignored': failure(
    'The change windows were ignored, for a reason that was given.',
    'Nothing to do: it is told so that it can be found later.',
  ),
  'apply.changed-by-unknown': failure(
    'Who changed a stale queue could not be found out.',
    'Give the OAuth client the permission audits:audit:view, or look into the audit viewer of Genesys Cloud.',
  ),
  'apply.read-too-old': failure(
    'A write waited for its turn until what it rests on was read more than a minute ago, however often that was read again.',
    'Raise `limits.requestsPerMinute` if the organization allows more: what a write rests on and the write itself must fit into a minute. Nothing was sent.',
  ),
  'apply.readback-differs': failure(
    'A field that we did not change differs after the write.',
    'Look at the queue: somebody else may have edited it at the same moment.',
  ),
  // command line
  'lease.held': failure(
    'Another run is writing: one at a time may.',
    'Wait until it is done. The lease of a run that has died ends by itself: within a minute, and on a branch within two.',
  ),
  'lease.lost': failure(
    'Another run has taken the right to write, or it could not be renewed in time.',
    'Plan again once the other run is done.',
  ),
  'journal.unwritable': failure(
    'The journal folder cannot be read or written: nothing is written to the organization without a journal.',
    'Mend the folder that `journal.folder` names, or name another one.',
  ),
  'journal.branch-moved': failure(
    'Another writer has pushed to the branch of the journal since this run read it.',
    'Plan again once the other run is done.',
  ),
  'journal.branch-unreachable': failure(
    'The branch of the journal could not be fetched or pushed.',
    'Check the network, the address of the remote, and that the credentials of the checkout may push (in GitHub Actions: `contents: write`).',
  ),
  'journal.branch-unusable': failure(
    'The journal cannot be kept on the branch that `journal.branch` names.',
    'Check the name of the branch, and that the command runs in a clone of the repository.',
  ),
  'source.unusable': failure(
    'A remote branch cannot be followed: its address or name is none that git should be given, or git or the disk failed on this machine.',
    'Check the address and the name of the branch, that the folder of the daemon can be written and has room, and that git is 2.32 or later.',
  ),
  'journal.broken': failure(
    'The journal is not what was written: a record was altered, is missing, or stands in another place.',
    'See `wrapkeeper audit verify`. Keep the files as evidence, and name another folder in `journal.folder`, or another branch in `journal.branch`.',
  ),
  'journal.unexpected': failure(
    'A hash that was kept elsewhere is not in the journal: it was cut off at its end, rewritten whole, or is another journal.',
    'Check that it is the journal of the run that told the hash. If it is, keep the files as evidence, and look for an older copy of them.',
  ),
  'journal.torn': failure(
    'The last line of the journal is cut off: a run ended while it wrote it, or is writing it now.',
    'Nothing to do: the next run takes the line away, and settles what it was about by reading the organization.',
  ),
  'journal.repaired': failure(
    'The last line of the journal was cut off, and was taken away.',
    'Nothing to do: what the line was about is settled by reading the organization.',
  ),
  'journal.settled': failure(
    'An earlier run ended before it could write down what became of a change.',
    'Read what was found out; nothing else is needed.',
  ),
  'journal.other-organization': failure(
    'The journal is that of another organization.',
    'Name a folder or a branch of its own for each organization in `journal` of the settings.',
  ),
  'undo.left-out': failure(
    'Something that a run has changed is not undone.',
    'Look at it: change it by hand, or by a policy.',
  ),
  'undo.nothing': failure(
    'There is nothing that this run has changed and that could be undone.',
    'See `wrapkeeper audit list --run` for what it did.',
  ),
  'audit.unknown-run': failure(
    'The journal knows no run of this id.',
    'See `wrapkeeper audit list` for the runs that it knows.',
  ),
  'audit.unknown-event': failure(
    'The journal knows no event of this id.',
    'See `wrapkeeper audit list` for the ids that it knows.',
  ),
  'webhook.none': failure(
    'There is no webhook to send events to.',
    'Add one to `webhooks` of the settings.',
  ),
  'webhook.undelivered': failure(
    'A webhook has not got all of its events.',
    'The next run tries again; `wrapkeeper audit replay` sends them now, and `audit list --undelivered` shows them.',
  ),
  'webhook.bad-secret': failure(
    'A signing secret of a webhook is none.',
    'Put `whsec_` and the base64 of 24 to 64 random bytes into the variable or file that `secrets` names.',
  ),

  // daemon
  'daemon.nothing-to-enforce': failure(
    'The daemon has no policies: none were accepted before, and what the repository says cannot be used.',
    'Mend what the message names; the daemon looks again by itself.',
  ),
  'daemon.state': failure(
    'The daemon cannot keep its state on this machine: the policies accepted last, or its copy of the branch.',
    'Check that `.wrapkeeper` can be written and that its disk has room.',
  ),
  'daemon.journal-branch': failure(
    'A daemon cannot keep its journal on a branch.',
    'Name a folder in the settings, `journal: { folder: .wrapkeeper }`, on a disk that stays.',
  ),
  'daemon.restart-needed': failure(
    'A setting that counts when the daemon starts has changed.',
    'Restart the daemon.',
  ),
  'daemon.bad-token': failure(
    'The token of `POST /api/reconcile` cannot be sent in a header.',
    'Use letters, digits and `-._~+/` alone, such as the output of `openssl rand -base64 32`.',
  ),
  'daemon.no-repository': failure(
    'What `--repo` names cannot be followed.',
    'Name a folder with policies, or the address of a git repository.',
  ),
  'daemon.listen': failure(
    'The HTTP server of the daemon cannot listen where it is told to.',
    'Name another address and port in `--listen`, or in `daemon.listen` of the settings.',
  ),

  // the HTTP server of the daemon
  'http.not-found': failure(
    'The HTTP server of the daemon has nothing under this path.',
    'See docs/http.md for the paths.',
  ),
  'http.method': failure(
    'A path is asked for with a method that it does not know.',
    'Use one that the header `Allow` of the answer names.',
  ),
  'http.host': failure(
    'A server that listens on this machine alone was asked for under the name of another.',
    'Ask for it by its address or as localhost; behind a proxy, let that send the address as `Host`.',
  ),
  'http.origin': failure(
    "A page of another site has asked for a pass, out of somebody's browser.",
    'Ask from a program, or from the status page itself.',
  ),
  'http.unauthorized': failure(
    'A request does not prove where it comes from.',
    'Send the token, or the signature, that the message names.',
  ),
  'http.not-configured': failure(
    'The settings name no token or secret by which such a request could be let in.',
    'Set `daemon.apiToken`, `daemon.gitSecret` or `daemon.inboundSecrets`.',
  ),
  'http.too-large': failure('The body of a request is too large.', 'Send less at one time.'),
  'http.content-type': failure(
    'The body of a request is of a kind that is not understood.',
    'Send application/json.',
  ),
  'http.bad-json': failure(
    'The body of a request is not JSON, or is nested too deeply.',
    'Mend what the message names.',
  ),
  'http.bad-value': failure(
    'A value in the query or the body of a request is missing, unknown or wrong.',
    'Mend what the message names.',
  ),
  'http.busy': failure(
    'The daemon is reading as many bodies of requests as it can.',
    'Send the request again in a moment.',
  ),
  'http.not-kept': failure(
    'An event could not be written into the journal.',
    'Send it again later, with the same `webhook-id`; the log of the daemon says why.',
  ),
  'http.internal': failure(
    'A request of the daemon failed for a reason of its own.',
    'The log of the daemon says more. Please report it.',
  ),

  // compliance
  'compliance.under': failure(
    'Surely fewer interactions of a queue ended as the policies ask than `--fail-under` demands.',
    'Look at which codes were used, or lower the percentage.',
  ),
  'compliance.not-enforced': failure(
    'A code is required, and the live prompt of the queue does not enforce it as the policies ask.',
    '`plan` shows the drift, and whether anything holds it; `apply` corrects what nothing holds.',
  ),

  // import and init
  'import.exists': failure(
    'A file that an import would write is there already; nothing was written.',
    'Move what is there away, let `--out` name another folder below `policies`, or choose other queues by `--division` and `--queue`.',
  ),
  'import.unwritable': failure(
    'A file of an import could not be written; those written before were taken away again.',
    'Check the folder, its permissions, and that its disk has room.',
  ),
  'import.not-read': failure(
    'An import was written to a folder that no plan reads.',
    'Move the files into a folder that `policies` of the settings names, or name theirs there.',
  ),
  'init.unwritable': failure(
    'A file of `init` could not be written; those written before were taken away again.',
    'Check the folder, its permissions, and that its disk has room.',
  ),

  // the GitHub Action
  'action.input': failure(
    'An input of the Action is missing, or is none of those allowed.',
    'See the inputs in docs/github.md.',
  ),
  'action.event': failure(
    'The Action does not do what was asked of it on this event.',
    'See docs/github.md: plan on pull requests, apply on pushes, by schedule or by hand.',
  ),
  'action.github': failure(
    'GitHub did not do what the Action asked of it.',
    'Check `permissions:` of the job; docs/github.md lists what each command needs.',
  ),
  'action.plan-changed': stale(
    'What would be applied is not what was reviewed on the pull request, or not what was accepted by its digest.',
    'Read the fresh plan in the job summary, and run the workflow by hand with `accept-digest` and its digest.',
  ),
  'action.not-reviewed': stale(
    'Nobody can have reviewed what would be applied: no comment of ours shows it, or the comment was cut or edited.',
    'Read the fresh plan in the job summary, and run the workflow by hand with `accept-digest` and its digest.',
  ),
  'cli.usage': failure('The command line could not be understood.', 'See `wrapkeeper --help`.'),
  'cli.environment': failure(
    'An environment variable has a value that cannot be used.',
    'Mend the variable that the message names, or unset it.',
  ),
  'cli.output': failure(
    'The result could not be written to standard output.',
    'Make room, or write it elsewhere; a plan can be made again, and what an apply did is done.',
  ),
  'cli.internal': failure('A bug.', 'Please report it with the command and its output.'),
  'cli.interrupted': {
    meaning: 'A signal stopped the run.',
    remedy: 'Run again: a plan takes up what is left.',
    exit: EXIT.interrupted,
  },
} as const satisfies Record<string, CodeRow>;

export type DiagnosticCode = keyof typeof CODES;
