//! Requests to other people's servers.

use std::time::Duration;

/// Asks whoever an operator named, from a thread that may wait: for so long at most, without following redirects. A
/// status that tells of an error is an answer like any other.
pub fn agent(patience: Duration) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(patience))
        .http_status_as_error(false)
        .max_redirects(0);
    config.build().into()
}
