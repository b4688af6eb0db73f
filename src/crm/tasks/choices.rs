//! What a task can be chosen to be.

use platform::text_enum;

text_enum! {
    pub enum TaskKind {
        ToDo => "to_do", "To do";
        Call => "call", "Call";
        Email => "email", "E-mail";
        Meeting => "meeting", "Meeting";
        FollowUp => "follow_up", "Follow-up";
    }
}

text_enum! {
    pub enum Priority {
        Normal => "normal", "Normal";
        Low => "low", "Low";
        High => "high", "High";
        Urgent => "urgent", "Urgent";
    }
}

impl TaskKind {
    pub fn icon(self) -> &'static str {
        match self {
            TaskKind::ToDo => "list-checks",
            TaskKind::Call => "phone",
            TaskKind::Email => "mail",
            TaskKind::Meeting => "users-round",
            TaskKind::FollowUp => "repeat",
        }
    }
}

impl Priority {
    /// The place in the order of priorities, as the database keeps it.
    pub fn urgency(self) -> i16 {
        match self {
            Priority::Low => 0,
            Priority::Normal => 1,
            Priority::High => 2,
            Priority::Urgent => 3,
        }
    }

    pub fn tone(self) -> &'static str {
        match self {
            Priority::Urgent => "danger",
            Priority::High => "warning",
            Priority::Normal | Priority::Low => "",
        }
    }

    /// Whether it stands out beside the name of the task.
    pub fn is_raised(self) -> bool {
        matches!(self, Priority::High | Priority::Urgent)
    }
}
