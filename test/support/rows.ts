/** A row of a gateway in which nothing is required and nothing allowed. */
export const ROW_OFF = {
  isRequired: false,
  allowSelfAssignment: false,
  allowSupervisorAssignment: false,
  allowAgentAssignment: false,
  allowTransfer: false,
  allowWrapup: false,
  allowPostCallWork: false,
};
