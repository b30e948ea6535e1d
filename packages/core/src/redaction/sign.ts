/**
 * The sign: tells from one look at each character whether a built-in rule might find something in a text. Most of what events hold has
 * none. Not an expression: compiling one costs a short command more than looking at all its texts.
 */

/** A word of so many characters may be a credential by its length alone. */
const LONG_WORD = 15;

/** So many dots may be an address in numbers. */
const ADDRESS_DOTS = 3;

/** Schemes, and the beginning of a JSON web token; in lower case. */
const WORDS = ["bearer", "basic", "eyj"];

/** Characters that stand in an assignment, a URL, a path, an e-mail address, or base64. */
const MARKS = new Set(["=", ":", "@", "%", "\\", "/", "~", "+"].map((mark) => mark.charCodeAt(0)));

const [HYPHEN, DOT] = ["-".charCodeAt(0), ".".charCodeAt(0)];

/** False only where no built-in rule applies. */
export function hasSign(text: string): boolean {
  let [word, dots] = [0, 0];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (isWordCharacter(code)) word += 1;
    else if (code === HYPHEN) {
      // An option, or a flag.
      if (index === 0 || isHyphenOrSpace(text, index - 1)) return true;
      word += 1;
    } else if (MARKS.has(code) || (code === DOT && ++dots === ADDRESS_DOTS)) return true;
    else word = 0;
    if (word === LONG_WORD) return true;
  }
  const lower = text.toLowerCase();
  return WORDS.some((each) => lower.includes(each));
}

/** As `\w`: a letter of ASCII, a digit, or `_`. */
function isWordCharacter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;
}

function isHyphenOrSpace(text: string, index: number): boolean {
  return text.charCodeAt(index) === HYPHEN || text.charAt(index).trim() === "";
}
