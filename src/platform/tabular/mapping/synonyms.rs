//! What the usual fields are called, here and in other languages.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::headers::Header;

static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let names = SYNONYMS.iter().flat_map(|(_, names)| names.split(", "));
    names.map(|name| Header::new(name).core).collect()
});

/// The names of a field, with a comma between.
const SYNONYMS: &[(&str, &str)] = &[
    (
        "first_name",
        "first name, first, given name, forename, fname, christian name, vorname, prénom, \
         nombre, nombres, nome, voornaam, imię, förnamn, fornavn, etunimi, primeiro nome, ad, \
         tên, 名, 名字, имя, الاسم الأول",
    ),
    (
        "last_name",
        "last name, last, surname, family name, lname, second name, nachname, familienname, \
         nom, nom de famille, apellido, apellidos, cognome, sobrenome, achternaam, nazwisko, \
         efternamn, etternavn, sukunimi, soyad, họ, 姓, фамилия, اسم العائلة",
    ),
    (
        "full_name",
        "full name, name, contact name, display name, complete name, voller name, nom complet, \
         nombre completo, nome completo, volledige naam, naam, 姓名, 氏名, имя и фамилия, \
         họ và tên",
    ),
    (
        "middle_name",
        "middle name, additional name, middle, zweiter vorname, segundo nombre",
    ),
    (
        "salutation",
        "salutation, name prefix, prefix, honorific, anrede, civilité, tratamiento",
    ),
    ("suffix", "suffix, name suffix"),
    ("nickname", "nickname, preferred name, known as, spitzname"),
    (
        "email",
        "email, e-mail, email address, e-mail address, mail, email 1, work email, \
         business email, e-mail-adresse, courriel, adresse e-mail, adresse mail, correo, \
         correo electrónico, endereço de email, indirizzo email, e-mailadres, adres e-mail, \
         e-post, epost, sähköposti, eposta, メール, メールアドレス, 邮箱, 电子邮件, эл. почта, \
         البريد الإلكتروني",
    ),
    (
        "email_2",
        "email 2, secondary email, second email, other email, alternative email, \
         alternate email, additional email, personal email, home email, private email",
    ),
    ("email_3", "email 3, third email"),
    (
        "phone",
        "phone, phone number, telephone, telephone number, tel, phone 1, work phone, \
         business phone, office phone, landline, telefon, telefonnummer, téléphone, teléfono, \
         telefone, telefono, telefoon, telefoonnummer, số điện thoại, 電話番号, 电话, телефон, هاتف",
    ),
    (
        "mobile",
        "mobile, mobile phone, mobile number, cell, cell phone, cellphone, cellular, mobil, \
         handy, handynummer, mobiltelefon, portable, téléphone portable, móvil, celular, \
         cellulare, mobiel, komórka, 手机, 携帯電話, мобильный",
    ),
    (
        "phone_2",
        "phone 2, other phone, home phone, secondary phone, alternate phone, private phone",
    ),
    ("fax", "fax, fax number, business fax, telefax"),
    (
        "company",
        "company, company name, organization, organisation, organization name, account, \
         account name, employer, business name, associated company, firma, unternehmen, \
         société, entreprise, empresa, azienda, bedrijf, bedrijfsnaam, företag, 公司, 会社名, \
         компания, شركة",
    ),
    (
        "job_title",
        "job title, title, position, role, occupation, job, berufsbezeichnung, poste, \
         fonction, puesto, cargo, funzione, functie, stanowisko, 职位, 役職, должность",
    ),
    (
        "department",
        "department, dept, abteilung, service, departamento, reparto, afdeling",
    ),
    (
        "street",
        "street, address, street address, address 1, address line 1, mailing street, \
         mailing address, straße, strasse, adresse, rue, dirección, calle, endereço, \
         indirizzo, straat, adres, 地址, 住所, адрес",
    ),
    (
        "street_2",
        "street 2, address 2, address line 2, apartment, suite, extended address",
    ),
    (
        "city",
        "city, town, locality, mailing city, ort, stadt, wohnort, ville, ciudad, cidade, \
         città, plaats, stad, miasto, 城市, 市区町村, город",
    ),
    (
        "region",
        "region, state, state/region, state/province, province, county, mailing state, \
         bundesland, région, provincia, estado, provincie, 省, 都道府県",
    ),
    (
        "postal_code",
        "postal code, zip, zip code, zip/postal code, postcode, post code, mailing zip, plz, \
         postleitzahl, code postal, código postal, cep, cap, kod pocztowy, postnummer, 邮编, \
         郵便番号, индекс",
    ),
    (
        "country",
        "country, country/region, nation, mailing country, land, pays, país, paese, kraj, 国家, \
         国, страна",
    ),
    (
        "website",
        "website, web site, website url, web, url, homepage, web page, webseite, site web, \
         sitio web, sito web",
    ),
    (
        "domain",
        "domain, domain name, company domain, company domain name, email domain",
    ),
    (
        "linkedin",
        "linkedin, linkedin url, linkedin profile, linkedin bio",
    ),
    (
        "birthday",
        "birthday, birth date, birthdate, date of birth, dob, geburtstag, geburtsdatum, \
         date de naissance, fecha de nacimiento, data di nascita, geboortedatum",
    ),
    (
        "owner",
        "owner, contact owner, account owner, lead owner, company owner, assigned to, \
         sales rep, account manager, zuständig, propriétaire, propietario",
    ),
    (
        "lifecycle_stage",
        "lifecycle stage, life-cycle stage, stage, life cycle",
    ),
    ("lead_status", "lead status, status"),
    (
        "lead_source",
        "lead source, source, original source, how did you hear about us, herkunft, quelle, \
         origine",
    ),
    (
        "tags",
        "tags, tag, labels, label, groups, group membership, categories, category, keywords, \
         lists, segments, schlagwörter, étiquettes, etiquetas",
    ),
    (
        "notes",
        "notes, note, comments, comment, description, remarks, memo, about, bemerkung, \
         bemerkungen, notizen, remarques, notas, observaciones, opmerkingen, 备注, 備考",
    ),
    (
        "language",
        "language, preferred language, locale, sprache, langue, idioma",
    ),
    ("time_zone", "time zone, timezone, zeitzone"),
    ("industry", "industry, sector, branche, secteur, industria"),
    (
        "employees",
        "employees, number of employees, employee count, headcount, company size, mitarbeiter",
    ),
    (
        "annual_revenue",
        "annual revenue, revenue, turnover, umsatz",
    ),
    ("parent", "parent, parent company, parent account"),
    (
        "external_id",
        "external id, legacy id, customer number, customer id, kundennummer",
    ),
    (
        "email_opt_out",
        "email opt out, opt out, opted out, unsubscribed, has opted out of email, \
         do not email",
    ),
    (
        "email_opt_in",
        "email opt in, opt in, opted in, subscribed, marketing consent, newsletter",
    ),
    ("gender", "gender, sex, geschlecht, sexe, género"),
];

/// The usual names of a field, by its key.
pub fn of(key: &str) -> impl Iterator<Item = &'static str> {
    SYNONYMS
        .iter()
        .filter(move |(known, _)| *known == canonical(key))
        .flat_map(|(_, names)| names.split(", "))
}

/// A word that means some field, so it is no other field's name misspelt.
pub fn is_known(header: &Header) -> bool {
    KNOWN.contains(&header.core)
}

/// The same field under another key.
pub fn canonical(key: &str) -> &str {
    match key {
        "name" => "full_name",
        "title" => "job_title",
        "company_name" | "company_id" | "organization" => "company",
        "mobile_phone" | "phone_mobile" => "mobile",
        "phone_work" | "work_phone" => "phone",
        "address" | "address_line1" | "street_1" => "street",
        "address_line2" => "street_2",
        "state" | "province" => "region",
        "zip" | "postcode" => "postal_code",
        "owner_id" => "owner",
        "source" => "lead_source",
        "url" => "website",
        "birth_date" | "date_of_birth" => "birthday",
        "description" => "notes",
        key => key,
    }
}
