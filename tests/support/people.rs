//! People who don't exist, always the same ones: the n-th person is the n-th person on every machine.

/// Given name, family name, and the address part made of them.
const NAMES: &[(&str, &str, &str)] = &[
    ("Maria", "Schneider", "maria.schneider"),
    ("Sean", "O'Brien", "sean.obrien"),
    ("Thị Hương", "Nguyễn", "huong.nguyen"),
    ("雷", "李", "lei.li"),
    ("مريم", "الحسن", "mariam.alhassan"),
    ("Zoë", "van der Berg", "zoe.vanderberg"),
    ("Łukasz", "Wiśniewski", "lukasz.wisniewski"),
    ("Jean-Luc", "L'Hôpital", "jl.lhopital"),
    ("Ana Sofía", "Núñez de la Torre", "ana.nunez"),
    ("Bjørn", "Ødegård", "bjorn.odegard"),
    ("Дмитрий", "Иванов", "d.ivanov"),
    ("İpek", "Yıldız", "ipek.yildiz"),
    ("さくら", "佐藤", "sakura.sato"),
    ("Σοφία", "Παπαδοπούλου", "sofia.papadopoulou"),
    ("Siobhán", "Mac Giolla Phádraig", "siobhan.mac"),
    ("Ngozi", "Adichie-Okafor", "ngozi.okafor"),
    ("Jürgen", "Groß", "juergen.gross"),
    ("नेहा", "शर्मा", "neha.sharma"),
    ("민준", "김", "minjun.kim"),
    ("Renée", "D’Angelo", "renee.dangelo"),
    ("John", "Smith", "john.smith"),
    ("Emily", "Jones", "emily.jones"),
    ("Ahmed", "Khan", "ahmed.khan"),
    ("Chloé", "Lefèvre", "chloe.lefevre"),
];

const COMPANIES: &[(&str, &str)] = &[
    ("Harbour & Sons Ltd", "harbour-sons"),
    ("Müller Werkzeugbau GmbH", "mueller-werkzeugbau"),
    ("Blue Anchor Marina", "blue-anchor"),
    ("Café \"Au Soleil\"", "au-soleil"),
    ("Northwind Travel, Inc.", "northwind-travel"),
    ("株式会社さくら", "sakura-kk"),
    ("Oak and Stone", "oak-and-stone"),
    ("Ærø Yachts ApS", "aero-yachts"),
];

const TITLES: &[&str] = &[
    "Owner",
    "Head of Sales",
    "Purchasing Manager",
    "CTO",
    "Office Manager",
    "Skipper",
    "",
];

const PLACES: &[(&str, &str, &str, &str)] = &[
    ("12 Quay Street", "Dublin", "D02 XY45", "Ireland"),
    ("Hauptstraße 7", "München", "80331", "Germany"),
    (
        "1 Market Sq, Floor 3",
        "Springfield",
        "62701",
        "United States",
    ),
    ("5 rue de l'Église", "Besançon", "25000", "France"),
    ("中山路 88 号", "上海", "200001", "China"),
    ("Strandvejen 4", "Ærøskøbing", "5970", "Denmark"),
];

const STAGES: &[&str] = &[
    "Subscriber",
    "Lead",
    "Marketing Qualified Lead",
    "Opportunity",
    "Customer",
];

#[derive(Clone, Debug)]
pub struct Person {
    pub number: usize,
    pub first: &'static str,
    pub last: &'static str,
    pub email: String,
    pub phone: String,
    pub company: &'static str,
    pub domain: String,
    pub title: &'static str,
    pub street: &'static str,
    pub city: &'static str,
    pub postcode: &'static str,
    pub country: &'static str,
    pub stage: &'static str,
    /// A day of 2024, as in `2024-03-09`.
    pub since: String,
}

/// The person of that number, counted from 0.
pub fn person(number: usize) -> Person {
    // Strides that share no factor with the lists' lengths mix them without a random number.
    let (first, last, local) = NAMES[number % NAMES.len()];
    let (company, slug) = COMPANIES[(number * 3 + number / 24) % COMPANIES.len()];
    let (street, city, postcode, country) = PLACES[(number * 5 + number / 7) % PLACES.len()];
    Person {
        number,
        first,
        last,
        email: format!("{local}.{number}@{slug}.example"),
        phone: format!("+1 202-555-{:04}", number % 10_000),
        company,
        domain: format!("{slug}.example"),
        title: TITLES[(number * 2 + number / 5) % TITLES.len()],
        street,
        city,
        postcode,
        country,
        stage: STAGES[number % STAGES.len()],
        since: format!("2024-{:02}-{:02}", number % 12 + 1, number % 28 + 1),
    }
}

pub fn people(count: usize) -> impl Iterator<Item = Person> {
    (0..count).map(person)
}
