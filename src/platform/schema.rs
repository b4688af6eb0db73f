// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tsvector", schema = "pg_catalog"))]
    pub struct Tsvector;
}

diesel::table! {
    activities (workspace_id, id) {
        id -> Uuid,
        record_id -> Uuid,
        kind -> Text,
        direction -> Text,
        outcome -> Text,
        subject -> Text,
        body -> Text,
        at -> Timestamptz,
        minutes -> Nullable<Int4>,
        author_id -> Nullable<Uuid>,
        version -> Int4,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    api_keys (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        hash -> Bytea,
        hint -> Text,
        person_id -> Uuid,
        scopes -> Array<Text>,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    assignment_rules (workspace_id, id) {
        id -> Uuid,
        kind -> Text,
        name -> Text,
        filter -> Jsonb,
        team_id -> Uuid,
        method -> Text,
        active -> Bool,
        position -> Int4,
        last_person_id -> Nullable<Uuid>,
        assigned -> Int8,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    campaign_counts (workspace_id, campaign_id) {
        campaign_id -> Uuid,
        recipients -> Int8,
        sent -> Int8,
        failed -> Int8,
        skipped -> Int8,
        held -> Int8,
        opened -> Int8,
        clicked -> Int8,
        unsubscribed -> Int8,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    campaign_links (workspace_id, campaign_id, number) {
        campaign_id -> Uuid,
        number -> Int4,
        url -> Text,
        clicks -> Int8,
        readers -> Int8,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    campaign_recipients (workspace_id, id) {
        id -> Uuid,
        campaign_id -> Uuid,
        contact_id -> Nullable<Uuid>,
        email -> Text,
        status -> Text,
        attempts -> Int2,
        claimed_by -> Nullable<Uuid>,
        not_before -> Nullable<Timestamptz>,
        sent_at -> Nullable<Timestamptz>,
        error -> Text,
        opened_at -> Nullable<Timestamptz>,
        clicked_at -> Nullable<Timestamptz>,
        unsubscribed_at -> Nullable<Timestamptz>,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    campaign_runs (workspace_id, campaign_id) {
        campaign_id -> Uuid,
        run_id -> Uuid,
        node_id -> Uuid,
        seen_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    campaigns (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        status -> Text,
        subject -> Text,
        sender_name -> Text,
        sender_email -> Text,
        reply_to -> Text,
        template_id -> Nullable<Uuid>,
        segment_id -> Nullable<Uuid>,
        topic_id -> Nullable<Uuid>,
        content -> Nullable<Jsonb>,
        problem -> Text,
        scheduled_at -> Nullable<Timestamptz>,
        started_at -> Nullable<Timestamptz>,
        snapshot_at -> Nullable<Timestamptz>,
        finished_at -> Nullable<Timestamptz>,
        search -> Nullable<Tsvector>,
        workspace_id -> Uuid,
        owner_id -> Nullable<Uuid>,
        tags -> Array<Text>,
        custom -> Jsonb,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        archived_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    close_reasons (workspace_id, id) {
        id -> Uuid,
        kind -> Text,
        name -> Text,
        position -> Int4,
        archived_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    companies (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        domain -> Nullable<Text>,
        kind -> Text,
        status -> Text,
        tier -> Text,
        engagement -> Text,
        industry -> Text,
        employees -> Nullable<Int4>,
        phone -> Text,
        website -> Text,
        address -> Jsonb,
        description -> Text,
        parent_id -> Nullable<Uuid>,
        enrichment -> Jsonb,
        search -> Nullable<Tsvector>,
        workspace_id -> Uuid,
        owner_id -> Nullable<Uuid>,
        tags -> Array<Text>,
        custom -> Jsonb,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        archived_at -> Nullable<Timestamptz>,
        name_key -> Nullable<Text>,
        phone_key -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    contacts (workspace_id, id) {
        id -> Uuid,
        first_name -> Text,
        last_name -> Text,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        job_title -> Text,
        company_id -> Nullable<Uuid>,
        company_role -> Text,
        lifecycle_stage -> Text,
        lead_status -> Text,
        lead_source -> Text,
        more_emails -> Jsonb,
        more_phones -> Jsonb,
        addresses -> Jsonb,
        city -> Text,
        country -> Text,
        zone -> Nullable<Text>,
        birthday -> Nullable<Date>,
        consent_email -> Text,
        consent_sms -> Text,
        consent_phone -> Text,
        email_status -> Text,
        score -> Int4,
        description -> Text,
        lifecycle_changed_at -> Timestamptz,
        last_activity_at -> Nullable<Timestamptz>,
        import_id -> Nullable<Uuid>,
        search -> Nullable<Tsvector>,
        workspace_id -> Uuid,
        owner_id -> Nullable<Uuid>,
        tags -> Array<Text>,
        custom -> Jsonb,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        archived_at -> Nullable<Timestamptz>,
        phone_key -> Nullable<Text>,
        temperature -> Text,
    }
}

diesel::table! {
    conversations (workspace_id, id) {
        id -> Uuid,
        kind -> Text,
        name -> Text,
        purpose -> Text,
        private -> Bool,
        general -> Bool,
        record_id -> Nullable<Uuid>,
        between_ids -> Nullable<Array<Uuid>>,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        archived_at -> Nullable<Timestamptz>,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    custom_fields (workspace_id, id) {
        id -> Uuid,
        record_kind -> Text,
        key -> Text,
        label -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        choices -> Array<Text>,
        required -> Bool,
        help -> Text,
        position -> Int4,
        archived_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        workspace_id -> Uuid,
        target -> Text,
        sought_at -> Nullable<Timestamptz>,
        indexed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    custom_values (workspace_id, record_id, field_id, word) {
        record_id -> Uuid,
        field_id -> Uuid,
        word -> Text,
        number -> Nullable<Float8>,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    dashboards (workspace_id, person_id) {
        person_id -> Uuid,
        cards -> Jsonb,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    deal_contacts (workspace_id, deal_id, contact_id) {
        deal_id -> Uuid,
        contact_id -> Uuid,
        role -> Text,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    deal_moves (workspace_id, id) {
        id -> Uuid,
        deal_id -> Uuid,
        from_stage_id -> Nullable<Uuid>,
        to_stage_id -> Nullable<Uuid>,
        from_name -> Text,
        to_name -> Text,
        seconds -> Int8,
        moved_by -> Nullable<Uuid>,
        moved_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    deal_sums (workspace_id, id) {
        id -> Uuid,
        stage_id -> Uuid,
        owner_id -> Nullable<Uuid>,
        currency -> Text,
        month -> Date,
        count -> Int8,
        amount -> Numeric,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    deals (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        pipeline_id -> Uuid,
        stage_id -> Uuid,
        status -> Text,
        amount -> Int8,
        currency -> Text,
        closes_on -> Nullable<Date>,
        closes_by -> Date,
        kind -> Text,
        source -> Text,
        company_id -> Nullable<Uuid>,
        contact_id -> Nullable<Uuid>,
        reason_id -> Nullable<Uuid>,
        stage_since -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
        description -> Text,
        search -> Nullable<Tsvector>,
        workspace_id -> Uuid,
        owner_id -> Nullable<Uuid>,
        tags -> Array<Text>,
        custom -> Jsonb,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        archived_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    demo_records (workspace_id, record_id) {
        record_id -> Uuid,
        kind -> Text,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    demo_tags (workspace_id, tag_id) {
        tag_id -> Uuid,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    duplicate_pairs (workspace_id, id) {
        id -> Uuid,
        record_kind -> Text,
        a_id -> Uuid,
        b_id -> Uuid,
        score -> Int4,
        reasons -> Array<Text>,
        state -> Text,
        scan_id -> Nullable<Uuid>,
        found_at -> Timestamptz,
        dismissed_at -> Nullable<Timestamptz>,
        dismissed_by -> Nullable<Uuid>,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    duplicate_scans (workspace_id, record_kind) {
        record_kind -> Text,
        scan_id -> Uuid,
        started_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        compared -> Int8,
        found -> Int8,
        passed_over -> Int8,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    email_templates (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        subject -> Text,
        body -> Text,
        body_text -> Text,
        search -> Nullable<Tsvector>,
        workspace_id -> Uuid,
        owner_id -> Nullable<Uuid>,
        tags -> Array<Text>,
        custom -> Jsonb,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        archived_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    event_seals (workspace_id, id) {
        id -> Int8,
        first_seq -> Int8,
        last_seq -> Int8,
        events -> Int4,
        hash -> Bytea,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    events (workspace_id, id) {
        id -> Uuid,
        seq -> Int8,
        txid -> Int8,
        kind -> Text,
        record_kind -> Nullable<Text>,
        record_id -> Nullable<Uuid>,
        title -> Text,
        actor_id -> Nullable<Uuid>,
        actor_name -> Text,
        changes -> Jsonb,
        data -> Jsonb,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        request_id -> Nullable<Text>,
        at -> Timestamptz,
        workspace_id -> Uuid,
        act_id -> Nullable<Uuid>,
        aspect -> Text,
    }
}

diesel::table! {
    follow_up_rules (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        filter -> Jsonb,
        days -> Int4,
        task_name -> Text,
        task_kind -> Text,
        priority -> Text,
        due_days -> Int4,
        paused_at -> Nullable<Timestamptz>,
        last_run_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    followers (workspace_id, record_id, person_id) {
        record_id -> Uuid,
        person_id -> Uuid,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    form_submissions (workspace_id, id) {
        id -> Uuid,
        form_id -> Uuid,
        contact_id -> Nullable<Uuid>,
        answers -> Jsonb,
        ip -> Text,
        referrer -> Text,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    forms (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        status -> Text,
        intro -> Text,
        fields -> Jsonb,
        button -> Text,
        thanks -> Text,
        redirect_url -> Nullable<Text>,
        add_tags -> Array<Text>,
        sequence_id -> Nullable<Uuid>,
        closes_at -> Nullable<Timestamptz>,
        submissions -> Int8,
        search -> Nullable<Tsvector>,
        workspace_id -> Uuid,
        owner_id -> Nullable<Uuid>,
        tags -> Array<Text>,
        custom -> Jsonb,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        archived_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    hidden_steps (workspace_id, person_id) {
        person_id -> Uuid,
        hidden_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    idempotency_keys (workspace_id, id) {
        id -> Uuid,
        person_id -> Uuid,
        key -> Text,
        fingerprint -> Bytea,
        status -> Nullable<Int4>,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        body -> Nullable<Bytea>,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    import_changes (workspace_id, import_id, record_id) {
        import_id -> Uuid,
        record_id -> Uuid,
        kind -> Text,
        changes -> Jsonb,
        undone_at -> Nullable<Timestamptz>,
        workspace_id -> Uuid,
        row -> Nullable<Int8>,
    }
}

diesel::table! {
    import_problems (workspace_id, import_id, row, seq) {
        import_id -> Uuid,
        row -> Int8,
        seq -> Int4,
        line -> Int8,
        outcome -> Text,
        kind -> Text,
        column_name -> Text,
        value -> Text,
        reason -> Text,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    imports (workspace_id, id) {
        id -> Uuid,
        file_name -> Text,
        size -> Int8,
        format -> Jsonb,
        header -> Array<Text>,
        source -> Nullable<Text>,
        state -> Text,
        plan -> Jsonb,
        last_row -> Int8,
        position -> Int8,
        rows -> Int4,
        created -> Int4,
        updated -> Int4,
        skipped -> Int4,
        refused -> Int4,
        noted -> Int4,
        problems -> Jsonb,
        preview -> Nullable<Jsonb>,
        undone -> Int4,
        kept -> Int4,
        error -> Nullable<Text>,
        stalls -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        started_at -> Nullable<Timestamptz>,
        finished_at -> Nullable<Timestamptz>,
        updated_at -> Timestamptz,
        workspace_id -> Uuid,
        record_kind -> Text,
    }
}

diesel::table! {
    job_outcomes (queue, hour, workspace_id) {
        queue -> Text,
        hour -> Timestamptz,
        workspace_id -> Uuid,
        done -> Int8,
        failed -> Int8,
        dead -> Int8,
    }
}

diesel::table! {
    job_schedules (name) {
        name -> Text,
        label -> Text,
        cadence -> Text,
        next_run -> Timestamptz,
        last_run -> Nullable<Timestamptz>,
        last_duration_ms -> Nullable<Int8>,
        last_result -> Nullable<Text>,
        last_failed -> Bool,
        running_by -> Nullable<Uuid>,
        lease_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    jobs (id) {
        id -> Uuid,
        workspace_id -> Nullable<Uuid>,
        queue -> Text,
        name -> Text,
        payload -> Jsonb,
        status -> Text,
        attempts -> Int4,
        max_attempts -> Int4,
        run_at -> Timestamptz,
        runner_id -> Nullable<Uuid>,
        heartbeat_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        died_at -> Nullable<Timestamptz>,
        discarded_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    mail_events (workspace_id, id) {
        id -> Uuid,
        kind -> Text,
        source -> Text,
        recipient_id -> Uuid,
        campaign_id -> Nullable<Uuid>,
        contact_id -> Nullable<Uuid>,
        link -> Nullable<Int4>,
        user_agent -> Text,
        at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    members (workspace_id, person_id) {
        person_id -> Uuid,
        role_id -> Uuid,
        name -> Text,
        email -> Text,
        active -> Bool,
        notify -> Jsonb,
        invited_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    merge_rows (workspace_id, merge_id, seq) {
        merge_id -> Uuid,
        seq -> Int8,
        step -> Int4,
        act -> Text,
        table_name -> Text,
        part -> Text,
        key -> Jsonb,
        was -> Jsonb,
        became -> Jsonb,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    merged_records (workspace_id, record_id) {
        record_id -> Uuid,
        into_id -> Uuid,
        merge_id -> Uuid,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    merges (workspace_id, id) {
        id -> Uuid,
        record_kind -> Text,
        into_id -> Uuid,
        into_title -> Text,
        from_ids -> Array<Uuid>,
        from_titles -> Array<Text>,
        person_id -> Nullable<Uuid>,
        actor_name -> Text,
        created_at -> Timestamptz,
        undone_at -> Nullable<Timestamptz>,
        undone_by -> Text,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    messages (workspace_id, id) {
        id -> Uuid,
        conversation_id -> Uuid,
        author_id -> Nullable<Uuid>,
        body -> Text,
        html -> Text,
        reply_to -> Nullable<Uuid>,
        edited_at -> Nullable<Timestamptz>,
        removed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        search -> Tsvector,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    notes (workspace_id, id) {
        id -> Uuid,
        record_id -> Uuid,
        body -> Text,
        author_id -> Nullable<Uuid>,
        pinned -> Bool,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        workspace_id -> Uuid,
        html -> Text,
    }
}

diesel::table! {
    notifications (workspace_id, id) {
        id -> Uuid,
        person_id -> Uuid,
        kind -> Text,
        title -> Text,
        record_id -> Nullable<Uuid>,
        event_id -> Nullable<Uuid>,
        actor_name -> Text,
        read_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
        path -> Nullable<Text>,
    }
}

diesel::table! {
    password_tokens (hash) {
        hash -> Bytea,
        person_id -> Uuid,
        purpose -> Text,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    people (id) {
        id -> Uuid,
        email -> Text,
        name -> Text,
        password_hash -> Nullable<Text>,
        theme -> Text,
        density -> Text,
        zone -> Nullable<Text>,
        language -> Text,
        shortcuts -> Bool,
        super_admin -> Bool,
        disabled_at -> Nullable<Timestamptz>,
        password_changed_at -> Nullable<Timestamptz>,
        last_seen_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    pipelines (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        currency -> Text,
        position -> Int4,
        archived_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    playbook_runs (workspace_id, id) {
        id -> Uuid,
        playbook_id -> Nullable<Uuid>,
        record_id -> Uuid,
        name -> Text,
        steps -> Jsonb,
        answers -> Jsonb,
        answered -> Int4,
        asked -> Int4,
        started_by -> Nullable<Uuid>,
        saved_by -> Nullable<Uuid>,
        started_at -> Timestamptz,
        saved_at -> Nullable<Timestamptz>,
        finished_at -> Nullable<Timestamptz>,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    playbooks (workspace_id, id) {
        id -> Uuid,
        record_kind -> Text,
        name -> Text,
        steps -> Jsonb,
        active -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    public_links (path) {
        path -> Text,
        workspace_id -> Uuid,
        kind -> Text,
        record_id -> Uuid,
    }
}

diesel::table! {
    queue_pauses (queue, workspace_id) {
        queue -> Text,
        workspace_id -> Uuid,
        paused_by -> Text,
        paused_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    records (workspace_id, id) {
        id -> Uuid,
        kind -> Text,
        title -> Text,
        subtitle -> Text,
        owner_id -> Nullable<Uuid>,
        archived_at -> Nullable<Timestamptz>,
        search -> Tsvector,
        updated_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    refresh_tokens (hash) {
        hash -> Bytea,
        family -> Uuid,
        person_id -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    relationship_kinds (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        reverse -> Text,
        position -> Int4,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    relationships (workspace_id, id) {
        id -> Uuid,
        kind_id -> Uuid,
        contact_id -> Uuid,
        other_id -> Uuid,
        since -> Nullable<Date>,
        note -> Text,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    roles (workspace_id, id) {
        id -> Uuid,
        key -> Text,
        name -> Text,
        rank -> Int4,
        system -> Bool,
        permissions -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    saved_views (workspace_id, id) {
        id -> Uuid,
        record_kind -> Text,
        name -> Text,
        filter -> Jsonb,
        search -> Text,
        sort -> Text,
        #[sql_name = "columns"]
        columns_ -> Array<Text>,
        layout -> Text,
        shared -> Bool,
        pinned -> Bool,
        person_id -> Uuid,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        workspace_id -> Uuid,
        version -> Int4,
        archived_at -> Nullable<Timestamptz>,
        beside -> Jsonb,
    }
}

diesel::table! {
    score_rules (workspace_id, id) {
        id -> Uuid,
        kind -> Text,
        name -> Text,
        points -> Int4,
        filter -> Jsonb,
        happening -> Text,
        most -> Int4,
        within_days -> Nullable<Int4>,
        every_days -> Int4,
        active -> Bool,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    score_settings (workspace_id, id) {
        id -> Int4,
        hot_from -> Int4,
        warm_from -> Int4,
        dormant_after -> Int4,
        mql_from -> Nullable<Int4>,
        sql_from -> Nullable<Int4>,
        scored_until -> Nullable<Timestamptz>,
        scored_at -> Nullable<Timestamptz>,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    seats (workspace_id, conversation_id, person_id) {
        conversation_id -> Uuid,
        person_id -> Uuid,
        last_read -> Uuid,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    segment_members (workspace_id, segment_id, contact_id) {
        segment_id -> Uuid,
        contact_id -> Uuid,
        added_by -> Nullable<Uuid>,
        added_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    segments (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        description -> Text,
        kind -> Text,
        filter -> Jsonb,
        search -> Nullable<Tsvector>,
        workspace_id -> Uuid,
        owner_id -> Nullable<Uuid>,
        tags -> Array<Text>,
        custom -> Jsonb,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        archived_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sequence_enrolments (workspace_id, id) {
        id -> Uuid,
        sequence_id -> Uuid,
        contact_id -> Uuid,
        status -> Text,
        step -> Int4,
        next_at -> Nullable<Timestamptz>,
        exit_reason -> Text,
        source -> Text,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    sequence_mails (workspace_id, id) {
        id -> Uuid,
        enrolment_id -> Uuid,
        sequence_id -> Uuid,
        contact_id -> Nullable<Uuid>,
        step -> Int4,
        email -> Text,
        status -> Text,
        error -> Text,
        links -> Array<Text>,
        sent_at -> Nullable<Timestamptz>,
        opened_at -> Nullable<Timestamptz>,
        clicked_at -> Nullable<Timestamptz>,
        unsubscribed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    sequences (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        status -> Text,
        steps -> Jsonb,
        weekdays_only -> Bool,
        from_hour -> Int4,
        to_hour -> Int4,
        search -> Nullable<Tsvector>,
        workspace_id -> Uuid,
        owner_id -> Nullable<Uuid>,
        tags -> Array<Text>,
        custom -> Jsonb,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        archived_at -> Nullable<Timestamptz>,
        topic_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    sessions (key_hash) {
        key_hash -> Bytea,
        id -> Uuid,
        person_id -> Nullable<Uuid>,
        state -> Jsonb,
        ip -> Text,
        user_agent -> Text,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    sign_ins (id) {
        id -> Uuid,
        person_id -> Nullable<Uuid>,
        email_hash -> Bytea,
        outcome -> Text,
        ip -> Text,
        user_agent -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    stages (workspace_id, id) {
        id -> Uuid,
        pipeline_id -> Uuid,
        name -> Text,
        tone -> Text,
        position -> Int4,
        probability -> Int4,
        kind -> Text,
        rots_after -> Nullable<Int4>,
        required -> Array<Text>,
        gate -> Jsonb,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
        wip_limit -> Nullable<Int4>,
    }
}

diesel::table! {
    suppressions (workspace_id, email) {
        email -> Text,
        reason -> Text,
        source -> Text,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
        id -> Uuid,
    }
}

diesel::table! {
    tags (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        colour -> Text,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    tasks (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        kind -> Text,
        priority -> Text,
        urgency -> Int2,
        due_on -> Nullable<Date>,
        due_time -> Nullable<Time>,
        due_zone -> Text,
        due_at -> Nullable<Timestamptz>,
        due_by -> Timestamp,
        record_id -> Nullable<Uuid>,
        remind_at -> Nullable<Timestamptz>,
        remind_by -> Nullable<Timestamptz>,
        reminded_at -> Nullable<Timestamptz>,
        late_told_at -> Nullable<Timestamptz>,
        repeat -> Text,
        next_id -> Nullable<Uuid>,
        checklist -> Jsonb,
        description -> Text,
        rule_id -> Nullable<Uuid>,
        completed_at -> Nullable<Timestamptz>,
        completed_by -> Nullable<Uuid>,
        search -> Nullable<Tsvector>,
        workspace_id -> Uuid,
        owner_id -> Nullable<Uuid>,
        tags -> Array<Text>,
        custom -> Jsonb,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        archived_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    team_members (workspace_id, team_id, person_id) {
        team_id -> Uuid,
        person_id -> Uuid,
        away -> Bool,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    teams (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        manager_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    topic_opt_outs (workspace_id, topic_id, email) {
        topic_id -> Uuid,
        email -> Text,
        at -> Timestamptz,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    topics (workspace_id, id) {
        id -> Uuid,
        name -> Text,
        description -> Text,
        position -> Int4,
        created_at -> Timestamptz,
        workspace_id -> Uuid,
        archived_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    view_habits (workspace_id, id) {
        id -> Uuid,
        person_id -> Uuid,
        record_kind -> Text,
        default_id -> Nullable<Uuid>,
        tab_order -> Array<Uuid>,
        workspace_id -> Uuid,
    }
}

diesel::table! {
    works (workspace_id, id) {
        id -> Uuid,
        kind -> Text,
        record_kind -> Text,
        title -> Text,
        state -> Text,
        ask -> Jsonb,
        total -> Int8,
        done -> Int8,
        skipped -> Int8,
        undone -> Int8,
        kept -> Int8,
        file_name -> Nullable<Text>,
        size -> Int8,
        expires_at -> Nullable<Timestamptz>,
        error -> Nullable<Text>,
        person_id -> Uuid,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        updated_at -> Timestamptz,
        workspace_id -> Uuid,
        refused -> Int8,
        refusals -> Jsonb,
        lanes -> Jsonb,
    }
}

diesel::table! {
    workspaces (id) {
        id -> Uuid,
        slug -> Text,
        name -> Text,
        kind -> Text,
        postal_address -> Text,
        #[max_length = 3]
        currency -> Bpchar,
        zone -> Text,
        accent -> Nullable<Text>,
        sender_name -> Text,
        sender_email -> Text,
        packs -> Array<Text>,
        settings -> Jsonb,
        blocked_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::joinable!(activities -> workspaces (workspace_id));
diesel::joinable!(api_keys -> workspaces (workspace_id));
diesel::joinable!(assignment_rules -> workspaces (workspace_id));
diesel::joinable!(campaign_counts -> workspaces (workspace_id));
diesel::joinable!(campaign_links -> workspaces (workspace_id));
diesel::joinable!(campaign_recipients -> workspaces (workspace_id));
diesel::joinable!(campaign_runs -> workspaces (workspace_id));
diesel::joinable!(campaigns -> workspaces (workspace_id));
diesel::joinable!(close_reasons -> workspaces (workspace_id));
diesel::joinable!(companies -> workspaces (workspace_id));
diesel::joinable!(contacts -> workspaces (workspace_id));
diesel::joinable!(conversations -> workspaces (workspace_id));
diesel::joinable!(custom_fields -> workspaces (workspace_id));
diesel::joinable!(custom_values -> workspaces (workspace_id));
diesel::joinable!(dashboards -> workspaces (workspace_id));
diesel::joinable!(deal_contacts -> workspaces (workspace_id));
diesel::joinable!(deal_moves -> workspaces (workspace_id));
diesel::joinable!(deal_sums -> workspaces (workspace_id));
diesel::joinable!(deals -> workspaces (workspace_id));
diesel::joinable!(demo_records -> workspaces (workspace_id));
diesel::joinable!(demo_tags -> workspaces (workspace_id));
diesel::joinable!(duplicate_pairs -> workspaces (workspace_id));
diesel::joinable!(duplicate_scans -> workspaces (workspace_id));
diesel::joinable!(email_templates -> workspaces (workspace_id));
diesel::joinable!(event_seals -> workspaces (workspace_id));
diesel::joinable!(follow_up_rules -> workspaces (workspace_id));
diesel::joinable!(followers -> workspaces (workspace_id));
diesel::joinable!(form_submissions -> workspaces (workspace_id));
diesel::joinable!(forms -> workspaces (workspace_id));
diesel::joinable!(hidden_steps -> workspaces (workspace_id));
diesel::joinable!(idempotency_keys -> workspaces (workspace_id));
diesel::joinable!(import_changes -> workspaces (workspace_id));
diesel::joinable!(import_problems -> workspaces (workspace_id));
diesel::joinable!(imports -> workspaces (workspace_id));
diesel::joinable!(jobs -> workspaces (workspace_id));
diesel::joinable!(mail_events -> workspaces (workspace_id));
diesel::joinable!(members -> people (person_id));
diesel::joinable!(members -> workspaces (workspace_id));
diesel::joinable!(merge_rows -> workspaces (workspace_id));
diesel::joinable!(merged_records -> workspaces (workspace_id));
diesel::joinable!(merges -> workspaces (workspace_id));
diesel::joinable!(messages -> workspaces (workspace_id));
diesel::joinable!(notes -> workspaces (workspace_id));
diesel::joinable!(notifications -> workspaces (workspace_id));
diesel::joinable!(password_tokens -> people (person_id));
diesel::joinable!(pipelines -> workspaces (workspace_id));
diesel::joinable!(playbook_runs -> workspaces (workspace_id));
diesel::joinable!(playbooks -> workspaces (workspace_id));
diesel::joinable!(public_links -> workspaces (workspace_id));
diesel::joinable!(records -> workspaces (workspace_id));
diesel::joinable!(refresh_tokens -> people (person_id));
diesel::joinable!(relationship_kinds -> workspaces (workspace_id));
diesel::joinable!(relationships -> workspaces (workspace_id));
diesel::joinable!(roles -> workspaces (workspace_id));
diesel::joinable!(saved_views -> workspaces (workspace_id));
diesel::joinable!(score_rules -> workspaces (workspace_id));
diesel::joinable!(score_settings -> workspaces (workspace_id));
diesel::joinable!(seats -> workspaces (workspace_id));
diesel::joinable!(segment_members -> workspaces (workspace_id));
diesel::joinable!(segments -> workspaces (workspace_id));
diesel::joinable!(sequence_enrolments -> workspaces (workspace_id));
diesel::joinable!(sequence_mails -> workspaces (workspace_id));
diesel::joinable!(sequences -> workspaces (workspace_id));
diesel::joinable!(sessions -> people (person_id));
diesel::joinable!(stages -> workspaces (workspace_id));
diesel::joinable!(suppressions -> workspaces (workspace_id));
diesel::joinable!(tags -> workspaces (workspace_id));
diesel::joinable!(tasks -> workspaces (workspace_id));
diesel::joinable!(team_members -> workspaces (workspace_id));
diesel::joinable!(teams -> workspaces (workspace_id));
diesel::joinable!(topic_opt_outs -> workspaces (workspace_id));
diesel::joinable!(topics -> workspaces (workspace_id));
diesel::joinable!(view_habits -> workspaces (workspace_id));
diesel::joinable!(works -> workspaces (workspace_id));

diesel::allow_tables_to_appear_in_same_query!(
    activities,
    api_keys,
    assignment_rules,
    campaign_counts,
    campaign_links,
    campaign_recipients,
    campaign_runs,
    campaigns,
    close_reasons,
    companies,
    contacts,
    conversations,
    custom_fields,
    custom_values,
    dashboards,
    deal_contacts,
    deal_moves,
    deal_sums,
    deals,
    demo_records,
    demo_tags,
    duplicate_pairs,
    duplicate_scans,
    email_templates,
    event_seals,
    follow_up_rules,
    followers,
    form_submissions,
    forms,
    hidden_steps,
    idempotency_keys,
    import_changes,
    import_problems,
    imports,
    jobs,
    mail_events,
    members,
    merge_rows,
    merged_records,
    merges,
    messages,
    notes,
    notifications,
    password_tokens,
    people,
    pipelines,
    playbook_runs,
    playbooks,
    public_links,
    records,
    refresh_tokens,
    relationship_kinds,
    relationships,
    roles,
    saved_views,
    score_rules,
    score_settings,
    seats,
    segment_members,
    segments,
    sequence_enrolments,
    sequence_mails,
    sequences,
    sessions,
    stages,
    suppressions,
    tags,
    tasks,
    team_members,
    teams,
    topic_opt_outs,
    topics,
    view_habits,
    works,
    workspaces,
);
