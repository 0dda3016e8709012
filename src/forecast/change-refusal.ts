/** Why a change of an overlay cannot be made. */
export class ChangeRefusal extends Error {
  override readonly name = 'ChangeRefusal';
}
