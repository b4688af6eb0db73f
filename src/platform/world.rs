//! The seed world, for the demo and for tests: two workspaces, their roles, and the people in them.

use std::sync::LazyLock;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::schema::{members, people, roles, workspaces};

pub const PASSWORD: &str = "Nexus-Demo-2026!";

/// Who is in the seed world: workspace, e-mail, name, role.
pub const PEOPLE: [(&str, &str, &str, &str); 6] = [
    ("acme", "owner@acme.test", "Alice Archer", "owner"),
    ("acme", "manager@acme.test", "Mona Lind", "manager"),
    ("acme", "advisor@acme.test", "Adam Okoye", "advisor"),
    ("acme", "agent@acme.test", "Bob Brandt", "agent"),
    ("acme", "viewer@acme.test", "Carol Nguyễn", "viewer"),
    ("globex", "owner@globex.test", "Mallory Grant", "owner"),
];

const CRM: [&str; 12] = [
    "contacts",
    "companies",
    "deals",
    "tasks",
    "follow_up_rules",
    "pipelines",
    "playbooks",
    "relationships",
    "teams",
    "tags",
    "views",
    "notes",
];
const MARKETING: [&str; 8] = [
    "email_templates",
    "segments",
    "scoring",
    "campaigns",
    "sequences",
    "forms",
    "suppressions",
    "topics",
];

/// The roles that every workspace starts with: key, name, rank, permissions (IDN-04).
pub fn system_roles() -> Vec<(&'static str, &'static str, i32, Value)> {
    let everything = json!({"*": {"*": "all"}});
    let office = |extra: Value| {
        let mut matrix = grants(&[
            (&CRM, json!({"*": "all"})),
            (&MARKETING, json!({"*": "all"})),
        ]);
        merge(&mut matrix, extra);
        matrix
    };
    let manager = office(
        json!({"members": {"view": "all"}, "audit": {"view": "all"}, "imports": {"*": "all"},
        "custom_fields": {"*": "all"}, "notifications": {"*": "all"}, "dashboard": {"view": "all"}, "api_keys": {"*": "own"},
        "chat": {"*": "all"}}),
    );
    let advisor = with_own(grants(&[
        (
            &CRM,
            json!({"view": "all", "create": "all", "edit": "all", "archive": "all", "export": "all", "import": "all"}),
        ),
        (
            &MARKETING,
            json!({"view": "all", "create": "all", "edit": "all", "archive": "all", "send": "all"}),
        ),
        (&["imports"], json!({"*": "all"})),
        (&["api_keys"], json!({"*": "own"})),
    ]));
    let agent = with_own(grants(&[
        (
            &CRM,
            json!({"view": "all", "create": "all", "edit": "own", "archive": "own"}),
        ),
        (&["notes"], json!({"*": "all"})),
        (&MARKETING, json!({"view": "all"})),
    ]));
    let viewer = with_own(grants(&[
        (&CRM, json!({"view": "all"})),
        (&MARKETING, json!({"view": "all"})),
    ]));
    let sales = with_own(grants(&[
        (
            &CRM,
            json!({"view": "team", "create": "all", "edit": "own", "archive": "own"}),
        ),
        (&["notes"], json!({"*": "all"})),
    ]));
    vec![
        ("owner", "Owner", 5, everything.clone()),
        ("admin", "Admin", 4, everything),
        ("director", "Director", 4, manager.clone()),
        ("manager", "Manager", 3, manager.clone()),
        ("sales_manager", "Sales manager", 3, manager),
        ("advisor", "Advisor", 2, advisor),
        ("agent", "Agent", 1, agent.clone()),
        ("sales_agent", "Sales agent", 1, sales.clone()),
        ("surveyor", "Surveyor", 1, agent.clone()),
        ("designer", "Designer", 1, agent),
        ("installer", "Installer", 1, sales),
        ("viewer", "Viewer", 0, viewer),
        ("requester", "Requester", 0, json!({})),
    ]
}

/// What everybody has who works here: their own notifications, the start page, and a voice.
pub fn everybody() -> Value {
    with_own(json!({}))
}

fn with_own(mut matrix: Value) -> Value {
    merge(
        &mut matrix,
        json!({"notifications": {"*": "own"}, "dashboard": {"view": "all"}, "chat": {"view": "all", "create": "all"}}),
    );
    matrix
}

fn grants(groups: &[(&[&str], Value)]) -> Value {
    let mut matrix = json!({});
    for (resources, actions) in groups {
        for resource in *resources {
            matrix[*resource] = actions.clone();
        }
    }
    matrix
}

fn merge(matrix: &mut Value, extra: Value) {
    if let (Some(matrix), Value::Object(extra)) = (matrix.as_object_mut(), extra) {
        matrix.extend(extra);
    }
}

/// A new workspace with the system roles in it. Works as the app's role.
pub fn create_workspace(conn: &mut PgConnection, slug: &str, name: &str) -> Result<Uuid> {
    let id = Uuid::now_v7();
    diesel::insert_into(workspaces::table)
        .values((
            workspaces::id.eq(id),
            workspaces::slug.eq(slug),
            workspaces::name.eq(name),
            workspaces::sender_name.eq(name),
            workspaces::sender_email.eq(format!("hello@{slug}.test")),
            workspaces::postal_address.eq(format!("{name}, 1 Harbour Street, 1000 Exampleton")),
        ))
        .execute(conn)?;
    enter(conn, id)?;
    for (key, name, rank, permissions) in system_roles() {
        diesel::insert_into(roles::table)
            .values((
                roles::id.eq(Uuid::now_v7()),
                roles::key.eq(key),
                roles::name.eq(name),
                roles::rank.eq(rank),
                roles::system.eq(true),
                roles::permissions.eq(permissions),
            ))
            .execute(conn)?;
    }
    Ok(id)
}

/// Sets the fence of this transaction.
pub fn enter(conn: &mut PgConnection, workspace: Uuid) -> Result<()> {
    sql_query("select set_config('app.workspace_id', $1::text, true)")
        .bind::<Nullable<SqlUuid>, _>(Some(workspace))
        .execute(conn)?;
    Ok(())
}

/// A person (found by e-mail or made) who is a member with this role.
pub fn add_member(
    conn: &mut PgConnection,
    workspace: Uuid,
    email: &str,
    name: &str,
    role: &str,
    hash: Option<&str>,
) -> Result<Uuid> {
    enter(conn, workspace)?;
    let known: Option<Uuid> = people::table
        .filter(people::email.eq(email))
        .select(people::id)
        .first(conn)
        .optional()?;
    let person = known.unwrap_or_else(Uuid::now_v7);
    if known.is_none() {
        diesel::insert_into(people::table)
            .values((
                people::id.eq(person),
                people::email.eq(email),
                people::name.eq(name),
                people::password_hash.eq(hash),
            ))
            .execute(conn)?;
    }
    // Named here because the seed runs as the owner, whom the fence may not bind.
    let role: Uuid = roles::table
        .filter(roles::workspace_id.eq(workspace).and(roles::key.eq(role)))
        .select(roles::id)
        .first(conn)?;
    diesel::insert_into(members::table)
        .values((
            members::person_id.eq(person),
            members::role_id.eq(role),
            members::name.eq(name),
            members::email.eq(email),
        ))
        .on_conflict_do_nothing()
        .execute(conn)?;
    Ok(person)
}

/// Makes the seed world where it is not there yet; gives whether it was made.
pub fn seed(conn: &mut PgConnection) -> Result<bool> {
    let there: i64 = workspaces::table
        .filter(workspaces::slug.eq("acme"))
        .count()
        .get_result(conn)?;
    if there > 0 {
        return Ok(false);
    }
    let acme = create_workspace(conn, "acme", "Acme Marine")?;
    let globex = create_workspace(conn, "globex", "Globex Travel")?;
    for (slug, email, name, role) in PEOPLE {
        let workspace = if slug == "acme" { acme } else { globex };
        add_member(conn, workspace, email, name, role, Some(&DEMO_HASH))?;
    }
    sql_query("update workspaces set accent = $1, zone = 'Europe/Berlin' where slug = 'acme'")
        .bind::<Text, _>("#C9A84C")
        .execute(conn)?;
    Ok(true)
}

/// The demo password's hash, made once a process: it is slow on purpose.
static DEMO_HASH: LazyLock<String> = LazyLock::new(|| hash_password(PASSWORD).unwrap_or_default());

/// Argon2id with the library's defaults (19 MiB, 2 passes, 1 lane: OWASP's minimum), as a PHC string.
pub fn hash_password(password: &str) -> Result<String> {
    use argon2::password_hash::{PasswordHasher, SaltString};
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>())
        .map_err(|e| Error::internal(e.to_string()))?;
    let hash = argon2::Argon2::default().hash_password(password.as_bytes(), &salt);
    Ok(hash
        .map_err(|e| Error::internal(e.to_string()))?
        .to_string())
}
