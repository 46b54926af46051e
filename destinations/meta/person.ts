/** What audiences and events both know of a person, in Meta's normal forms. */
// developers.facebook.com/documentation/ads-commerce/marketing-api/audiences/guides/custom-audiences
import { deviceId, email, hashed, list, number, phoneDigits } from "millrace/destination";

export const contactPoints = {
  email: email({ hash: "sha256" }),
  phone: phoneDigits({ hash: "sha256" }),
  madid: deviceId(),
};

export const person = {
  fn: hashed.name("First name"),
  ln: hashed.name("Last name"),
  ct: hashed.city(),
  st: hashed.state(),
  country: hashed.country(),
};

/** Limited data use, row by row. */
export const privacy = {
  data_processing_options: list({ describe: "Limited data use: LDU" }),
  data_processing_options_country: number({ describe: "1: United States, 0: let Meta find out", integer: true }),
  data_processing_options_state: number({ describe: "1000: California, 0: let Meta find out", integer: true }),
};
