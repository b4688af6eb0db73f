use super::mapping::{fields, mapped};

#[test]
fn exports_of_hubspot_are_known() {
    let found = mapped(
        "Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Contact owner,Associated Company,Lifecycle Stage,Job Title,State/Region,Create Date\n101,Jane,Doe,jane@example.com,+1 212 555 0123,+1 212 555 0124,Bob,Acme,Lead,CEO,MA,2024-03-01 10:00\n",
    );
    assert_eq!(found.source, Some("HubSpot"));
    assert_eq!(
        fields(&found),
        [
            "-",
            "first_name",
            "last_name",
            "email",
            "phone",
            "mobile",
            "owner",
            "company",
            "lifecycle_stage",
            "job_title",
            "region",
            "-"
        ]
    );
}

#[test]
fn exports_of_salesforce_are_known() {
    let found = mapped(
        "Id,IsDeleted,AccountId,LastName,FirstName,MailingStreet,MailingPostalCode,Phone,MobilePhone,Email,Title,LeadSource,Birthdate,OwnerId,HasOptedOutOfEmail,SystemModstamp\n003x,0,001x,Doe,Jane,1 Main St,02110,(212) 555-0123,(212) 555-0124,jane@example.com,CEO,Web,1980-05-06,005x,0,2024-03-01T10:00:00Z\n",
    );
    assert_eq!(found.source, Some("Salesforce"));
    assert_eq!(
        fields(&found),
        [
            "-",
            "-",
            "-",
            "last_name",
            "first_name",
            "street",
            "postal_code",
            "phone",
            "mobile",
            "email",
            "job_title",
            "lead_source",
            "birthday",
            "-",
            "email_opt_out",
            "-"
        ]
    );
}

#[test]
fn exports_of_google_are_known_old_and_new() {
    let old = mapped(
        "Name,Given Name,Family Name,Birthday,Group Membership,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Type,Phone 1 - Value,Organization 1 - Name,Organization 1 - Title\nJane Doe,Jane,Doe,1980-05-06,* myContacts,* Home,jane@example.com,j2@example.com,Work,+1 212 555 0123,Acme,CEO\n",
    );
    assert_eq!(old.source, Some("Google Contacts"));
    assert_eq!(
        fields(&old),
        [
            "full_name",
            "first_name",
            "last_name",
            "birthday",
            "tags",
            "-",
            "email",
            "email_2",
            "-",
            "phone",
            "company",
            "job_title"
        ]
    );
    let new = mapped(
        "First Name,Middle Name,Last Name,Phonetic First Name,Organization Name,Organization Title,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\nJane,,Doe,,Acme,CEO,* myContacts ::: VIP,Work,jane@example.com,Mobile,+1 212 555 0123\n",
    );
    assert_eq!(
        fields(&new),
        [
            "first_name",
            "-",
            "last_name",
            "-",
            "company",
            "job_title",
            "tags",
            "-",
            "email",
            "-",
            "phone"
        ]
    );
}

#[test]
fn exports_of_pipedrive_and_zoho_are_known() {
    let found = mapped(
        "Person - ID,Person - Name,Person - Organization,Person - Email - Work,Person - Email - Home,Person - Phone - Mobile,Person - Owner,Person - Person created\n1,Jane Doe,Acme,jane@example.com,j@example.org,+1 212 555 0123,Bob,2024-03-01 10:00:00\n",
    );
    assert_eq!(found.source, Some("Pipedrive"));
    assert_eq!(
        fields(&found),
        [
            "-",
            "full_name",
            "company",
            "email",
            "email_2",
            "mobile",
            "owner",
            "-"
        ]
    );
    let found = mapped(
        "Record Id,Contact Owner.id,Contact Owner,First Name,Last Name,Account Name.id,Account Name,Email,Phone,Mobile,Email Opt Out,Tag,Created Time\nzcrm_1,zcrm_2,Bob,Jane,Doe,zcrm_3,Acme,jane@example.com,+1 212 555 0123,+1 212 555 0124,false,VIP,2024-03-01 10:00:00\n",
    );
    assert_eq!(found.source, Some("Zoho CRM"));
    assert_eq!(
        fields(&found),
        [
            "-",
            "-",
            "owner",
            "first_name",
            "last_name",
            "-",
            "company",
            "email",
            "phone",
            "mobile",
            "email_opt_out",
            "tags",
            "-"
        ]
    );
}

#[test]
fn exports_of_companies_deals_and_tasks_are_known() {
    for (header, source) in [
        (
            "Record ID,Company name,Company domain name,Company owner",
            "HubSpot",
        ),
        (
            "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date",
            "HubSpot",
        ),
        ("Task Title,Task Type,Due Date,Assigned to", "HubSpot"),
        (
            "Account Name,Account Owner,Billing Street,Phone",
            "Salesforce",
        ),
        (
            "Opportunity Name,Account Name,Stage,Amount,Close Date",
            "Salesforce",
        ),
        ("Name,Type,Tier,Industry,Domain,Owner,Created", "Nexus"),
        (
            "Name,Stage,Amount,Expected close,Company,Owner,Days in stage",
            "Nexus",
        ),
        ("Name,Status,Due,Priority,Type,About,Assignee", "Nexus"),
    ] {
        let found = mapped(&format!("{header}\n1,2,3,4\n"));
        assert_eq!(found.source, Some(source), "{header}");
    }
}
