//! What a contact can be chosen to be.

use platform::text_enum;

text_enum! {
    pub enum LifecycleStage {
        Lead => "lead", "Lead";
        Subscriber => "subscriber", "Subscriber";
        MarketingQualified => "marketing_qualified", "Marketing qualified";
        SalesQualified => "sales_qualified", "Sales qualified";
        Opportunity => "opportunity", "Opportunity";
        Customer => "customer", "Customer";
        Evangelist => "evangelist", "Evangelist";
        Other => "other", "Other";
    }
}

text_enum! {
    /// How near to buying a lead is, by points and by how long nobody heard of them.
    pub enum Temperature {
        Cold => "cold", "Cold";
        Hot => "hot", "Hot";
        Warm => "warm", "Warm";
        Dormant => "dormant", "Dormant";
    }
}

text_enum! {
    pub enum LeadStatus {
        New => "new", "New";
        Open => "open", "Open";
        InProgress => "in_progress", "In progress";
        OpenDeal => "open_deal", "Open deal";
        Unqualified => "unqualified", "Unqualified";
        Attempted => "attempted", "Attempted to contact";
        Connected => "connected", "Connected";
        BadTiming => "bad_timing", "Bad timing";
    }
}

text_enum! {
    pub enum LeadSource {
        Other => "other", "Other";
        Website => "website", "Website";
        Referral => "referral", "Referral";
        Campaign => "campaign", "Campaign";
        Social => "social", "Social media";
        Event => "event", "Event";
        Phone => "phone", "Phone";
        WalkIn => "walk_in", "Walk-in";
        Partner => "partner", "Partner";
        Import => "import", "Import";
        Form => "form", "Form";
        Api => "api", "API";
    }
}

text_enum! {
    pub enum Consent {
        Unknown => "unknown", "Not asked";
        Given => "given", "Given";
        Withdrawn => "withdrawn", "Withdrawn";
    }
}

impl LifecycleStage {
    /// How it stands out.
    pub fn tone(self) -> &'static str {
        match self {
            Self::Customer | Self::Evangelist => "success",
            Self::Opportunity => "accent",
            Self::MarketingQualified | Self::SalesQualified => "info",
            Self::Lead | Self::Subscriber | Self::Other => "",
        }
    }
}

impl LeadStatus {
    pub fn tone(self) -> &'static str {
        match self {
            Self::Connected | Self::OpenDeal => "success",
            Self::Open | Self::InProgress => "info",
            Self::Unqualified | Self::BadTiming => "warning",
            Self::New | Self::Attempted => "",
        }
    }
}

impl Temperature {
    pub fn tone(self) -> &'static str {
        match self {
            Self::Hot => "danger",
            Self::Warm => "warning",
            Self::Cold => "info",
            Self::Dormant => "",
        }
    }
}

impl Consent {
    pub fn tone(self) -> &'static str {
        match self {
            Self::Given => "success",
            Self::Withdrawn => "danger",
            Self::Unknown => "",
        }
    }
}
