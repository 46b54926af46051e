/** A year or four of a clothes shop, in the tables of thelook_ecommerce: people, what they buy and send back, what they look at. */
const day = 86_400_000;
const firstNames = {
  F: ["Ada", "Chloe", "Elif", "Femke", "Hanna", "Ines", "Mei", "Nora", "Rosa", "Zoe"],
  M: ["Bruno", "Dario", "Emil", "Goran", "Jonas", "Karim", "Liam", "Otto", "Pablo", "Wei"],
};
const lastNames = [
  "Alder",
  "Birch",
  "Cedar",
  "Elm",
  "Fir",
  "Hazel",
  "Juniper",
  "Larch",
  "Maple",
  "Oak",
  "Pine",
  "Rowan",
];
// Country, state, city, postal code, latitude, longitude, as they are written there.
const places = [
  ["United States", "California", "San Diego", "92101", 32.72, -117.16],
  ["United States", "Texas", "Austin", "78701", 30.27, -97.74],
  ["United States", "Massachusetts", "Boston", "02108", 42.36, -71.06],
  ["China", "Guangdong", "Shenzhen", "518000", 22.54, 114.06],
  ["Brasil", "São Paulo", "São Paulo", "01000-000", -23.55, -46.63],
  ["France", "Île-de-France", "Paris", "75001", 48.86, 2.35],
  ["United Kingdom", "England", "Leeds", "LS1", 53.8, -1.55],
  ["Germany", "Berlin", "Berlin", "10115", 52.52, 13.41],
  ["Deutschland", "Bayern", "München", "80331", 48.14, 11.58],
  ["Spain", "Madrid", "Madrid", "28001", 40.42, -3.7],
  ["España", "Andalucía", "Sevilla", "41001", 37.39, -5.99],
  ["Japan", "Tokyo", "Tokyo", "100-0001", 35.68, 139.76],
  ["Australia", "Victoria", "Melbourne", "3000", -37.81, 144.96],
];
const categories = {
  Women: ["Dresses", "Jeans", "Sweaters", "Intimates", "Outerwear & Coats"],
  Men: ["Jeans", "Sweaters", "Suits & Sport Coats", "Underwear", "Outerwear & Coats"],
};
const brands = ["Example Denim", "Quiet Harbour", "North Loom", "Plain & Sons", "Fennel", "Seven Looms"];

const stamp = (ms) => (ms === null ? null : new Date(ms).toISOString().replace("T", " ").replace(".000Z", "+00:00"));

/** All tables as rows, newest order at most `asOf` (milliseconds); every choice is a roll of the dice. */
export function tables({ roll, below, one }, { users: count, asOf }) {
  const whole = (ms) => Math.floor(ms / 1000) * 1000;
  const products = Array.from({ length: 120 }, (_, index) => {
    const department = index % 2 === 0 ? "Women" : "Men";
    const category = one(categories[department]);
    const price = 8 + below(180) + 0.99;
    const cost = Number((price * (0.35 + roll() * 0.2)).toFixed(4));
    const name = `${one(brands)} ${category} no. ${index + 1}`;
    const sku = (0x100000 + below(0xefffff)).toString(16).toUpperCase();
    return {
      id: index + 1,
      cost,
      category,
      name,
      brand: one(brands),
      retail_price: price,
      department,
      sku,
      distribution_center_id: 1 + below(10),
    };
  });
  const made = { users: [], orders: [], order_items: [], products, events: [] };
  for (let id = 1; id <= count; id += 1) {
    const gender = one(["F", "M"]);
    const [country, state, city, postal_code, latitude, longitude] = one(places);
    // One in forty is an earlier user once more; it happens there too.
    const twin = id > 50 && below(40) === 0 ? made.users[below(id - 1)] : undefined;
    const first_name = twin?.first_name ?? one(firstNames[gender]);
    const last_name = twin?.last_name ?? one(lastNames);
    const email =
      twin?.email.toUpperCase() ??
      `${first_name}.${last_name}.${id}@example.${one(["com", "org", "net"])}`.toLowerCase();
    const created = whole(asOf - day * (5 + roll() * 1500));
    made.users.push({
      id,
      first_name,
      last_name,
      email,
      age: 14 + below(57),
      gender: twin?.gender ?? gender,
      state,
      street_address: `${1 + below(900)} ${one(lastNames)} Street`,
      postal_code,
      city,
      country,
      latitude,
      longitude,
      traffic_source: one(["Search", "Search", "Search", "Organic", "Facebook", "Email", "Display"]),
      created_at: stamp(created),
    });
    const buys = one([0, 0, 1, 1, 2, 3, 4]);
    const taste = one(brands);
    for (let turn = 0; turn < buys; turn += 1)
      order(made, made.users.at(-1), { at: whole(created + roll() * (asOf - created)), taste, returns: id % 12 === 0 });
    for (let turn = below(3); turn > 0; turn -= 1)
      visit(made, made.users.at(-1), { at: whole(asOf - day * roll() * 30), bought: false });
  }
  for (let turn = 0; turn < count / 4; turn += 1)
    visit(made, null, { at: whole(asOf - day * roll() * 30), bought: false });
  return made;

  /** One order with its pieces, and the visit in which it was made. */
  function order({ orders, order_items }, user, { at, taste, returns }) {
    const order_id = orders.length + 1;
    const age = (asOf - at) / day;
    const status =
      below(12) === 0
        ? "Cancelled"
        : age < 1
          ? "Processing"
          : age < 4
            ? "Shipped"
            : below(returns ? 2 : 9) === 0
              ? "Returned"
              : "Complete";
    const shipped = status === "Cancelled" || status === "Processing" ? null : at + day;
    const delivered = status === "Complete" || status === "Returned" ? at + 3 * day : null;
    const returned = status === "Returned" ? Math.min(at + 4 * day, asOf) : null;
    const times = {
      created_at: stamp(at),
      returned_at: stamp(returned),
      shipped_at: stamp(shipped),
      delivered_at: stamp(delivered),
    };
    const num_of_item = 1 + below(4);
    orders.push({ order_id, user_id: user.id, status, gender: user.gender, ...times, num_of_item });
    const wanted = products.filter(
      ({ department, brand }) =>
        (department === "Women") === (user.gender === "F") && (brand === taste || below(3) === 0),
    );
    for (let piece = 0; piece < num_of_item; piece += 1) {
      const { id: product_id, retail_price } = one(wanted);
      const id = order_items.length + 1;
      // Prices are FLOAT64 there, and look like it.
      const sale_price = piece === 1 ? retail_price + 1.9e-9 : retail_price;
      order_items.push({
        id,
        order_id,
        user_id: user.id,
        product_id,
        inventory_item_id: id,
        status,
        ...times,
        sale_price,
      });
    }
    if (age <= 30) visit(made, user, { at: at - 60_000 * 20, bought: status !== "Cancelled" });
  }

  /** A visit: home, department, sometimes the cart; anonymous where there is no user. */
  function visit({ events }, user, { at, bought }) {
    const kinds = [
      "home",
      "department",
      "product",
      ...(bought || below(3) === 0 ? ["cart"] : []),
      ...(bought ? ["purchase"] : []),
    ];
    const { city, state, postal_code } = user ?? { city: "San Diego", state: "California", postal_code: "92101" };
    const session_id = `00000000-0000-4000-8000-${String(events.length + 1).padStart(12, "0")}`;
    const shared = {
      ip_address: `192.0.2.${1 + below(254)}`,
      city,
      state,
      postal_code,
      browser: one(["Chrome", "Firefox", "Safari"]),
      traffic_source: one(["Email", "Adwords", "Organic", "YouTube", "Facebook"]),
    };
    for (const [index, event_type] of kinds.entries())
      events.push({
        id: events.length + 1,
        user_id: user?.id ?? null,
        sequence_number: index + 1,
        session_id,
        created_at: stamp(at + index * 60_000),
        ...shared,
        uri: `/${event_type}`,
        event_type,
      });
  }
}
