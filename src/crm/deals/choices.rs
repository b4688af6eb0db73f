//! What a deal, and somebody in it, can be chosen to be.

use platform::text_enum;

text_enum! {
    pub enum DealKind {
        New => "new_business", "New business";
        Existing => "existing_business", "Existing business";
        Renewal => "renewal", "Renewal";
    }
}

text_enum! {
    /// What a contact is to a deal.
    pub enum Role {
        Other => "other", "Other";
        DecisionMaker => "decision_maker", "Decision maker";
        Champion => "champion", "Champion";
        Influencer => "influencer", "Influencer";
        BudgetHolder => "budget_holder", "Budget holder";
        User => "user", "User";
        Blocker => "blocker", "Blocker";
        Legal => "legal", "Legal";
    }
}
