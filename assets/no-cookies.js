// Stands in for universal-cookie in the bundle: no state of ours is kept in a cookie, and the session's no script sees.
const refuse = () => {
  throw new Error("Nothing of ours is kept in a cookie");
};

export default class NoCookies {
  get() {
    return undefined;
  }

  set() {
    refuse();
  }

  remove() {
    refuse();
  }
}
