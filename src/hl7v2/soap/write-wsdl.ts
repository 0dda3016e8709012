import { edition2011 } from './dialect.ts';
import { escapeXml } from './write-soap.ts';

const { namespace, submit, test } = edition2011;
const faults = ['fault', 'UnsupportedOperationFault', 'SecurityFault', 'MessageTooLargeFault'];
const operations = [
  {
    name: submit.request,
    answer: submit.response,
    faults: ['fault', 'SecurityFault', 'MessageTooLargeFault'],
  },
  { name: test.request, answer: test.response, faults: ['fault', 'UnsupportedOperationFault'] },
];

/** The description of the service for tools that make clients of it: CDC's transport of 2011, at this server's address. */
export function writeWsdl(location: string): string {
  return lines(
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<definitions name="JennerIIS" xmlns="http://schemas.xmlsoap.org/wsdl/"',
    '  xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"',
    `  xmlns:tns="${namespace}" targetNamespace="${namespace}">`,
    types(),
    ...[submit.request, submit.response, test.request, test.response].map((name) =>
      message(name, 'parameters'),
    ),
    ...faults.map((name) => message(name, 'fault')),
    portType(),
    binding(),
    '<service name="IIS_Service"><port name="IIS_Port_Soap12" binding="tns:IIS_Binding_Soap12">',
    `<soap12:address location="${escapeXml(location)}"/></port></service>`,
    '</definitions>',
  );
}

function types(): string {
  return lines(
    `<types><xsd:schema elementFormDefault="qualified" targetNamespace="${namespace}">`,
    element(submit.request, [
      ...['username', 'password', 'facilityID'].map(optional),
      mandatory(submit.message),
    ]),
    element(submit.response, [mandatory(submit.answer)]),
    element(test.request, [mandatory(test.echo)]),
    element(test.response, [mandatory(test.answer)]),
    fault('fault'),
    fault('UnsupportedOperationFault', 'UnsupportedOperation'),
    fault('SecurityFault', 'Security'),
    fault('MessageTooLargeFault', 'MessageTooLarge'),
    '</xsd:schema></types>',
  );
}

function portType(): string {
  return lines(
    '<portType name="IIS_PortType">',
    ...operations.map(({ name, answer, faults: own }) =>
      lines(
        `<operation name="${name}"><input message="tns:${name}_Message"/><output message="tns:${answer}_Message"/>`,
        ...own.map((one) => `<fault name="${one}" message="tns:${one}_Message"/>`),
        '</operation>',
      ),
    ),
    '</portType>',
  );
}

function binding(): string {
  return lines(
    '<binding name="IIS_Binding_Soap12" type="tns:IIS_PortType">',
    '<soap12:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>',
    ...operations.map(({ name, faults: own }) =>
      lines(
        `<operation name="${name}"><soap12:operation soapAction="${namespace}:${name}"/>`,
        '<input><soap12:body use="literal"/></input><output><soap12:body use="literal"/></output>',
        ...own.map((one) => `<fault name="${one}"><soap12:fault name="${one}" use="literal"/></fault>`),
        '</operation>',
      ),
    ),
    '</binding>',
  );
}

function lines(...all: readonly string[]): string {
  return all.join('\n');
}

function element(name: string, members: readonly string[]): string {
  return lines(
    `<xsd:element name="${name}"><xsd:complexType><xsd:sequence>`,
    ...members,
    '</xsd:sequence></xsd:complexType></xsd:element>',
  );
}

function mandatory(name: string): string {
  return `<xsd:element name="${name}" type="xsd:string" nillable="true"/>`;
}

function optional(name: string): string {
  return `<xsd:element name="${name}" type="xsd:string" minOccurs="0" nillable="true"/>`;
}

function fault(name: string, reason?: string): string {
  return element(name, [
    '<xsd:element name="Code" type="xsd:integer"/>',
    `<xsd:element name="Reason" ${reason === undefined ? 'type="xsd:string"' : `fixed="${reason}"`}/>`,
    '<xsd:element name="Detail" type="xsd:string"/>',
  ]);
}

function message(name: string, part: string): string {
  return `<message name="${name}_Message"><part name="${part}" element="tns:${name}"/></message>`;
}
