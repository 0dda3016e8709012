/** ISO 3166-2:US, the names of states, the district and territories as USPS writes them. */
const states =
  'AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,' +
  'DC District of Columbia,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,' +
  'KY Kentucky,LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,' +
  'MO Missouri,MT Montana,NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,' +
  'NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,RI Rhode Island,' +
  'SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,' +
  'WV West Virginia,WI Wisconsin,WY Wyoming,AS American Samoa,GU Guam,MP Northern Mariana Islands,' +
  'PR Puerto Rico,VI Virgin Islands';

const codes: ReadonlyMap<string, string> = new Map(
  states.split(',').map((each) => [each.slice(3).toUpperCase(), each.slice(0, 2)]),
);

/** The state as it is compared: its two letters where it is one of the US, written out or not, with or without `US-`. */
export function stateCode(state: string): string {
  const text = state.trim().replace(/\s+/g, ' ').toUpperCase();
  return codes.get(text) ?? text.replace(/^US-(?=[A-Z]{2}$)/, '');
}
