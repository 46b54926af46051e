import type { CodeText } from "./codes.ts";

/** Codes of Snowflake, E735 to E749. Part of the registry in ./codes.ts. */
export const snowflakeCodes: Readonly<Record<string, CodeText>> = {
  E735: {
    title: "Snowflake cannot be reached",
    text: "No Snowflake answers for the environment's account, or something in between refuses the way there. `account` is the organization's name, a hyphen and the account's name, as Snowflake shows it under account details. A proxy, a firewall or a network policy that does not know this machine looks the same from here.",
  },
  E736: {
    title: "Snowflake refuses the login",
    text: "The user is unknown or disabled, or the key, token or password is not the user's. With a key pair: the public half is set on the user (ALTER USER name SET RSA_PUBLIC_KEY = '…'), account and user are written as Snowflake knows them, and the machine's clock is right, since the login is signed with its time.",
  },
  E737: {
    title: "Snowflake's session or token has ended",
    text: "The OAuth token has expired, or the session was ended by an administrator or by a policy. Get a new token and run again. What was sent is known from the journal, and what a transaction had not committed is not there.",
  },
  E738: {
    title: "no warehouse to compute with",
    text: "Statements of Snowflake run in a virtual warehouse. The environment names none and the user has no default, or the role may not use the one that is named (GRANT USAGE ON WAREHOUSE name TO ROLE role).",
  },
  E739: {
    title: "the role may not do that",
    text: "The role is not granted to the user, or lacks a privilege that the message names. millrace needs USAGE on the warehouse, the database and the schemas, SELECT on the sources, and USAGE and CREATE TABLE on its own schemas: `millrace grants` prints each statement. What a role may not see, Snowflake calls missing: that is E701.",
  },
  E740: {
    title: "private key that cannot be read",
    text: "A login by key pair needs the whole PEM text of an RSA private key, from -----BEGIN to END-----, and its passphrase where it is encrypted. Keys of other types are refused by Snowflake. `openssl genrsa 2048 | openssl pkcs8 -topk8 -inform PEM -out snowflake.p8` makes one.",
  },
  E741: {
    title: "a statement of Snowflake was stopped",
    text: "Another session held the table for longer than a minute (LOCK_TIMEOUT), the statement took longer than the account or the warehouse allows (STATEMENT_TIMEOUT_IN_SECONDS), or somebody cancelled it. Nothing of its transaction was kept. Run again when the table is free.",
  },
  E742: {
    title: "a database of Snowflake that is not there",
    text: "The login worked, but the database of the environment does not exist, or the role has no USAGE on it, which Snowflake does not tell apart. A database made in quotes keeps its small letters and is not found by a name in capitals. `millrace grants` prints the statements for what the role lacks.",
  },
  W735: {
    title: "login with a password",
    text: "Snowflake is ending logins by password alone, and a password does not change by itself. Give the user of millrace TYPE = SERVICE and a key pair, and name the key in the environment.",
  },
};
