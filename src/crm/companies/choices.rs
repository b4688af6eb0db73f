//! What a company can be chosen to be.

use platform::text_enum;

text_enum! {
    pub enum CompanyKind {
        Prospect => "prospect", "Prospect";
        Customer => "customer", "Customer";
        Partner => "partner", "Partner";
        Supplier => "supplier", "Supplier";
        Competitor => "competitor", "Competitor";
        Other => "other", "Other";
    }
}

text_enum! {
    pub enum Status {
        Active => "active", "Active";
        Inactive => "inactive", "Inactive";
        Churned => "churned", "Churned";
    }
}

text_enum! {
    pub enum Tier {
        Standard => "standard", "Standard";
        Strategic => "strategic", "Strategic";
        Key => "key", "Key account";
        Small => "small", "Small";
    }
}

text_enum! {
    pub enum Engagement {
        Medium => "medium", "Medium";
        High => "high", "High";
        Low => "low", "Low";
        None => "none", "None";
    }
}

impl CompanyKind {
    /// How it stands out.
    pub fn tone(self) -> &'static str {
        match self {
            Self::Customer => "success",
            Self::Partner | Self::Supplier => "info",
            Self::Competitor => "warning",
            Self::Prospect | Self::Other => "",
        }
    }
}

impl Status {
    pub fn tone(self) -> &'static str {
        match self {
            Self::Active => "success",
            Self::Inactive => "",
            Self::Churned => "danger",
        }
    }
}

impl Tier {
    pub fn tone(self) -> &'static str {
        match self {
            Self::Strategic | Self::Key => "accent",
            Self::Standard | Self::Small => "",
        }
    }
}

impl Engagement {
    pub fn tone(self) -> &'static str {
        match self {
            Self::High => "success",
            Self::Medium => "info",
            Self::Low => "warning",
            Self::None => "",
        }
    }
}
