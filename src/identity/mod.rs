//! Who people are and how they prove it.

pub mod passwords;
pub mod profile;
pub mod sessions;
