/** Digits of other scripts that phone libraries read as digits: full-width, Arabic-Indic and Persian. */
const foreignDigits = "０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹";
const plainDigits = "0123456789".repeat(3);

/**
 * A coarse form of an identifier in SQL, for finding rivals (decision 15): it may join what a destination's normaliser
 * tells apart, and must never tell apart what one joins. E-mail: lower case without blanks, dots and +tag, Google's two
 * domains as one; phone: last 7 digits without extension; else lower case, trimmed.
 */
export function duckdbCoarse(expression: string, compare: "email" | "phone" | "exact"): string {
  const lower = `lower(nfc_normalize(CAST(${expression} AS VARCHAR)))`;
  switch (compare) {
    case "email": {
      const bare = `replace(regexp_replace(${lower}, '\\s|\\+[^@]*', '', 'g'), '.', '')`;
      return `regexp_replace(${bare}, '@googlemailcom$', '@gmailcom')`;
    }
    case "phone": {
      const number = `regexp_replace(${lower}, '(;|,|#|ext|x|poste).*$', '')`;
      return `right(regexp_replace(translate(${number}, '${foreignDigits}', '${plainDigits}'), '[^0-9]', '', 'g'), 7)`;
    }
    case "exact":
      return `trim(${lower})`;
  }
}
