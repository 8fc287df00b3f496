/** Identifiers that Genesys Cloud gives. Branded, so that a queue's id never stands where a code's is meant. */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** The id of an organization (tenant). */
export type OrganizationId = Branded<'OrganizationId'>;
/** The id of a routing queue. */
export type QueueId = Branded<'QueueId'>;
/** The id of a wrap-up code. */
export type CodeId = Branded<'CodeId'>;
/** The id of a division; `"*"` stands for all divisions where a code may have it. */
export type DivisionId = Branded<'DivisionId'>;

export const organizationId = (value: string): OrganizationId => value as OrganizationId;
export const queueId = (value: string): QueueId => value as QueueId;
export const codeId = (value: string): CodeId => value as CodeId;
export const divisionId = (value: string): DivisionId => value as DivisionId;

/** The form of the platform's ids. No flags: the JSON Schemas take the pattern as it stands. */
export const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;
