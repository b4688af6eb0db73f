//! Everything that can go wrong, in sentences for the person reading them.

use std::fmt;

use actix_web::http::StatusCode;
use diesel::result::{DatabaseErrorKind, Error as Diesel};
use serde::Serialize;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A field and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

#[derive(Debug)]
pub enum Error {
    /// Not there, or not yours: the two can't be told apart from outside.
    NotFound,
    /// You are a member, but your role doesn't allow it.
    Forbidden(String),
    /// Nobody is signed in.
    SignIn,
    /// The request can't be read; 400 or a neighbour of it.
    Refused(StatusCode, String),
    /// What was filled in doesn't hold.
    Invalid(Vec<FieldError>),
    /// Somebody was faster; `current` is the version there is now.
    Stale { current: i32 },
    /// Another row stands in the way.
    Conflict(String),
    /// Too many in a short time; seconds until the next try.
    TooMany { retry_after: u64 },
    /// A part that we need is away.
    Unavailable(String),
    /// Our fault; the text goes to the log, never to the page.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub fn bad_request(message: impl Into<String>) -> Error {
        Error::Refused(StatusCode::BAD_REQUEST, message.into())
    }

    pub fn invalid(field: &str, message: impl Into<String>) -> Error {
        Error::Invalid(vec![FieldError {
            field: field.to_owned(),
            message: message.into(),
        }])
    }

    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::Internal(error.into())
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Error::NotFound => StatusCode::NOT_FOUND,
            Error::Forbidden(_) => StatusCode::FORBIDDEN,
            Error::SignIn => StatusCode::UNAUTHORIZED,
            Error::Refused(status, _) => *status,
            Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Stale { .. } | Error::Conflict(_) => StatusCode::CONFLICT,
            Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What happened, in a few words.
    pub fn title(&self) -> &'static str {
        match self {
            Error::NotFound => "There is nothing here",
            Error::Forbidden(_) => "You may not do that",
            Error::SignIn | Error::Refused(StatusCode::UNAUTHORIZED, _) => "Please sign in",
            Error::Refused(..) => "That request can't be read",
            Error::Invalid(_) => "Please check what you filled in",
            Error::Stale { .. } => "Somebody changed this before you",
            Error::Conflict(_) => "Something stands in the way",
            Error::TooMany { .. } => "Too many tries in a short time",
            Error::Unavailable(_) => "A part of Nexus is away",
            Error::Internal(_) => "Something went wrong on our side",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NotFound => {
                f.write_str("It may have been removed, or it was never yours to see.")
            }
            Error::SignIn => f.write_str("You need to be signed in to see this."),
            Error::Forbidden(text)
            | Error::Conflict(text)
            | Error::Unavailable(text)
            | Error::Refused(_, text) => f.write_str(text),
            Error::Invalid(fields) => {
                let texts: Vec<_> = fields.iter().map(|e| e.message.as_str()).collect();
                f.write_str(&texts.join(" "))
            }
            Error::Stale { current } => write!(
                f,
                "The record is now at version {current}. Reload it and try again."
            ),
            Error::TooMany { retry_after } => {
                write!(f, "Please wait {retry_after} seconds and try again.")
            }
            Error::Internal(_) => f.write_str(
                "It has been logged. Please try again, and tell us the request id if it stays.",
            ),
        }
    }
}

impl std::error::Error for Error {}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Error {
        match &error {
            Diesel::NotFound => Error::NotFound,
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
                Error::Conflict("There is one like that already.".into())
            }
            Diesel::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
                Error::Conflict("It is linked to something that is not there.".into())
            }
            Diesel::DatabaseError(DatabaseErrorKind::CheckViolation, info) => {
                tracing::warn!(
                    constraint = info.constraint_name(),
                    "a check constraint refused a write"
                );
                Error::Refused(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "One of the values is out of its range.".into(),
                )
            }
            Diesel::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => {
                Error::Unavailable("The database is away. Please try again in a moment.".into())
            }
            Diesel::DatabaseError(_, info) if is_away(info.message()) => {
                tracing::warn!(message = info.message(), "the database went away");
                Error::Unavailable("The database is away. Please try again in a moment.".into())
            }
            Diesel::DatabaseError(_, info) if info.message().contains("statement timeout") => {
                Error::Unavailable(
                    "That took too long and was stopped. Please narrow it down.".into(),
                )
            }
            Diesel::DatabaseError(_, info) if info.message().contains("invalid byte sequence") => {
                Error::bad_request("The text holds characters that can't be kept.")
            }
            // A crafted cursor or filter that asks for a cast that can't be made.
            Diesel::DatabaseError(_, info) if is_unreadable(info.message()) => {
                tracing::warn!(message = info.message(), "a value could not be read");
                Error::bad_request("One of the values can't be read.")
            }
            _ => Error::internal(error),
        }
    }
}

/// The words of a server that stops or starts, and libpq's for one that is gone; Diesel has no kind for most of them.
fn is_away(message: &str) -> bool {
    [
        "terminating connection due to",
        "server closed the connection",
        "no connection to the server",
        "connection to server",
        "connection has been closed",
        "the database system is",
    ]
    .iter()
    .any(|words| message.contains(words))
}

/// PostgreSQL's words for a text that is no value of the type it is cast to.
fn is_unreadable(message: &str) -> bool {
    [
        "invalid input syntax for type",
        "out of range",
        "unsupported Unicode escape sequence",
    ]
    .iter()
    .any(|words| message.contains(words))
}

impl From<actix_web::error::BlockingError> for Error {
    fn from(error: actix_web::error::BlockingError) -> Error {
        Error::internal(error)
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Error {
        Error::internal(error)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Error {
        Error::internal(error)
    }
}
