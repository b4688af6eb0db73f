//! Who may do what with a view.

use super::view::SavedView;
use crate::web::can::Member;

impl SavedView {
    /// Whether this member may change it.
    pub fn may_change(&self, member: &Member) -> bool {
        member.may_with("views", "edit", Some(self.person_id))
    }

    /// Whether this member may pin it: to their own sidebar, or to everybody's.
    pub fn may_pin(&self, member: &Member) -> bool {
        match self.shared {
            true => SavedView::may_for_all(member),
            false => self.may_change(member),
        }
    }

    /// Whether this member decides what everybody has in the sidebar.
    pub fn may_for_all(member: &Member) -> bool {
        member.may_with("views", "edit", None)
    }
}
