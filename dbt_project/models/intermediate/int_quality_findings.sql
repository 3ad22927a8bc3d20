-- Grain: one row that a quality rule looked at (rule, record_key), and whether it fails.
-- Rules of loading are counted by intake; these look at what the loaded rows mean together.
-- `since` is the day from which the record ought to have been right.
{% for findings in [
    ref('int_findings_measures'), ref('int_findings_records'), ref('int_findings_postings')
] %}
    select
        rule,
        load_id,
        source_system,
        record_id,
        record_key,
        case_id,
        team,
        caseworker_id,
        is_failing,
        since
    from {{ findings }}
    {{ "union all" if not loop.last }}
{% endfor %}
