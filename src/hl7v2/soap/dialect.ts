/** One edition of CDC's transport: the names of its elements. */
export type Dialect = {
  readonly namespace: string;
  readonly submit: {
    readonly request: string;
    readonly message: string;
    readonly response: string;
    readonly answer: string;
  };
  readonly test: {
    readonly request: string;
    readonly echo: string;
    readonly response: string;
    readonly answer: string;
  };
};

/** CDC's WSDL of 2011, which registries are asked by. */
export const edition2011: Dialect = {
  namespace: 'urn:cdc:iisb:2011',
  submit: {
    request: 'submitSingleMessage',
    message: 'hl7Message',
    response: 'submitSingleMessageResponse',
    answer: 'return',
  },
  test: {
    request: 'connectivityTest',
    echo: 'echoBack',
    response: 'connectivityTestResponse',
    answer: 'return',
  },
};

/** That of 2014, which the IZ Gateway speaks. */
const edition2014: Dialect = {
  namespace: 'urn:cdc:iisb:2014',
  submit: {
    request: 'SubmitSingleMessageRequest',
    message: 'Hl7Message',
    response: 'SubmitSingleMessageResponse',
    answer: 'Hl7Message',
  },
  test: {
    request: 'ConnectivityTestRequest',
    echo: 'EchoBack',
    response: 'ConnectivityTestResponse',
    answer: 'EchoBack',
  },
};

export const dialects: readonly Dialect[] = [edition2011, edition2014];
