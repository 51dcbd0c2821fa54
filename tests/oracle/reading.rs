//! Reads a fact file (docs/fact-file.md). Scalars are text. The file is taken to be valid: whatever has to be
//! refused is refused by the loader under test, not here. Every missing required key is a panic with its name.

use super::facts::{
    Access, Agreement, Assessment, Audit, Authorization, Calendar, Category, Choice, Closure, Cohort,
    Compatibility, Declared, Event, Evidence, Facts, Field, Incident, Mechanism, Move, Notice, Policy,
    Processor, Purpose, Remedy, Request, RetentionPeriod, Rule, SafeguardPeriod, Subject, Termination,
};
use super::scalars::{date, flag, instant, integer, list, required, required_instant, text};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// The items of a section, in file order.
fn section<'a>(file: &'a Value, key: &str) -> Vec<&'a Value> {
    match file.get(key) {
        Some(Value::Array(items)) => items.iter().collect(),
        _ => Vec::new(),
    }
}

/// Reads a whole file (docs/fact-file.md).
pub fn read(file: &Value) -> Facts {
    let mut facts = Facts {
        as_of: required_instant(file, "as_of"),
        timezone: read_timezone(file),
        home: text(file, "home").unwrap_or_else(|| "CN".to_string()),
        minor_age: integer(file, "minor_age").unwrap_or(14),
        calendar: read_calendar(file),
        subjects: section(file, "subjects").into_iter().map(read_subject).collect(),
        cohorts: section(file, "cohorts")
            .into_iter()
            .map(|v| Cohort {
                id: required(v, "id"),
                members: list(v, "members"),
            })
            .collect(),
        categories: section(file, "categories")
            .into_iter()
            .map(read_category)
            .collect(),
        fields: section(file, "fields").into_iter().map(read_field).collect(),
        processors: section(file, "processors")
            .into_iter()
            .map(read_processor)
            .collect(),
        purposes: section(file, "purposes").into_iter().map(read_purpose).collect(),
        authorizations: section(file, "authorizations")
            .into_iter()
            .map(read_authorization)
            .collect(),
        choices: section(file, "choices").into_iter().map(read_choice).collect(),
        agreements: section(file, "agreements")
            .into_iter()
            .map(read_agreement)
            .collect(),
        mechanisms: section(file, "mechanisms")
            .into_iter()
            .map(read_mechanism)
            .collect(),
        assessments: section(file, "assessments")
            .into_iter()
            .map(read_assessment)
            .collect(),
        retention_periods: section(file, "retention_periods")
            .into_iter()
            .map(read_retention_period)
            .collect(),
        notices: section(file, "notices").into_iter().map(read_notice).collect(),
        policies: section(file, "policies").into_iter().map(read_policy).collect(),
        requests: section(file, "requests").into_iter().map(read_request).collect(),
        closures: section(file, "closures").into_iter().map(read_closure).collect(),
        incidents: section(file, "incidents")
            .into_iter()
            .map(read_incident)
            .collect(),
        audits: section(file, "audits").into_iter().map(read_audit).collect(),
        terminations: section(file, "terminations")
            .into_iter()
            .map(read_termination)
            .collect(),
        evidence: section(file, "evidence").into_iter().map(read_evidence).collect(),
        compatibility: section(file, "compatibility")
            .into_iter()
            .map(|c| Compatibility {
                id: required(c, "id"),
                from: required(c, "from"),
                to: required(c, "to"),
                states: list(c, "states"),
            })
            .collect(),
        events: read_events(file),
        record: Vec::new(),
        rules: section(file, "rules").into_iter().map(read_rule).collect(),
    };
    unfold(&mut facts);
    facts.record = facts.events.clone();
    facts
}

/// docs/fact-file.md 4, cohorts: wherever subjects are listed.
fn unfold(facts: &mut Facts) {
    let mut events = std::mem::take(&mut facts.events);
    for event in &mut events {
        event.subjects = facts.unfold(&event.subjects);
    }
    facts.events = events;
    let mut authorizations = std::mem::take(&mut facts.authorizations);
    for authorization in &mut authorizations {
        authorization.subjects = facts.unfold(&authorization.subjects);
    }
    facts.authorizations = authorizations;
    let mut notices = std::mem::take(&mut facts.notices);
    for notice in &mut notices {
        notice.subjects = facts.unfold(&notice.subjects);
    }
    facts.notices = notices;
    let mut incidents = std::mem::take(&mut facts.incidents);
    for incident in &mut incidents {
        incident.subjects = facts.unfold(&incident.subjects);
        incident.subjects_told = incident
            .subjects_told
            .iter()
            .flat_map(|(name, at)| {
                let members = facts.unfold(std::slice::from_ref(name));
                members.into_iter().map(|member| (member, *at))
            })
            .collect();
    }
    facts.incidents = incidents;
}

/// docs/fact-file.md 3, `timezone`.
fn read_timezone(file: &Value) -> TimeZone {
    let name = text(file, "timezone").unwrap_or_else(|| "Asia/Shanghai".to_string());
    TimeZone::get(&name).unwrap_or_else(|e| panic!("no time zone: {name}: {e}"))
}

/// docs/fact-file.md 3, `calendar`: the default weekend is [sat, sun].
fn read_calendar(file: &Value) -> Calendar {
    let empty = Value::Object(Map::new());
    let calendar = file.get("calendar").filter(|c| c.is_object()).unwrap_or(&empty);
    let mut weekend = list(calendar, "weekend");
    if weekend.is_empty() {
        weekend = vec!["sat".to_string(), "sun".to_string()];
    }
    Calendar {
        weekend,
        holidays: list(calendar, "holidays").iter().map(|d| date(d)).collect(),
        extra_workdays: list(calendar, "extra_workdays").iter().map(|d| date(d)).collect(),
    }
}

fn read_subject(v: &Value) -> Subject {
    Subject {
        id: required(v, "id"),
        born: text(v, "born").map(|d| date(&d)),
        died: instant(v, "died"),
        arranged: flag(v, "arranged"),
    }
}

fn read_category(v: &Value) -> Category {
    Category {
        id: required(v, "id"),
        parent: text(v, "parent"),
        sensitive: flag(v, "sensitive"),
    }
}

fn read_field(v: &Value) -> Field {
    Field {
        id: required(v, "id"),
        categories: list(v, "category"),
        state: text(v, "state").unwrap_or_else(|| "identified".to_string()),
        strictly_needed: flag(v, "strictly_needed"),
    }
}

fn read_processor(v: &Value) -> Processor {
    Processor {
        id: required(v, "id"),
        kind: required(v, "kind"),
        group: text(v, "group"),
        country: text(v, "country"),
        inside: text(v, "inside"),
        moves: section(v, "moves")
            .into_iter()
            .map(|m| Move {
                at: required_instant(m, "at"),
                country: text(m, "country"),
                inside: text(m, "inside"),
            })
            .collect(),
        safeguards: list(v, "safeguards"),
        lawful_source: text(v, "lawful_source").as_deref() != Some("false"),
        safeguard_periods: section(v, "safeguard_periods")
            .into_iter()
            .map(|p| SafeguardPeriod {
                safeguard: required(p, "safeguard"),
                from: required_instant(p, "from"),
                until: instant(p, "until"),
            })
            .collect(),
        ceased: instant(v, "ceased"),
        accesses: section(v, "accesses")
            .into_iter()
            .map(|a| Access {
                role: required(a, "role"),
                fields: list(a, "fields"),
                purposes: list(a, "purposes"),
            })
            .collect(),
    }
}

fn read_purpose(v: &Value) -> Purpose {
    let stated = v.get("needs").is_some_and(|needs| !needs.is_null());
    Purpose {
        id: required(v, "id"),
        parent: text(v, "parent"),
        needs: stated.then(|| list(v, "needs")),
        ended: instant(v, "ended"),
    }
}

fn read_authorization(v: &Value) -> Authorization {
    Authorization {
        id: required(v, "id"),
        basis: required(v, "basis"),
        grade: text(v, "grade").unwrap_or_else(|| "general".to_string()),
        given_by: text(v, "given_by").unwrap_or_else(|| "subject".to_string()),
        subjects: list(v, "subjects"),
        holder: list(v, "holder"),
        acts: list(v, "acts"),
        recipients: list(v, "recipients"),
        fields: list(v, "fields"),
        categories: list(v, "categories"),
        purposes: list(v, "purposes"),
        from: required_instant(v, "from"),
        until: instant(v, "until"),
        withdrawn: instant(v, "withdrawn"),
        condition_of: text(v, "condition_of"),
        alternative: text(v, "alternative"),
        evidence: text(v, "evidence"),
        notice: text(v, "notice"),
        implied: matches!(text(v, "manner").as_deref(), Some("continued-use" | "silence")),
        service: text(v, "service"),
        citation: text(v, "citation"),
    }
}

fn read_choice(v: &Value) -> Choice {
    Choice {
        id: required(v, "id"),
        subject: required(v, "subject"),
        processor: required(v, "processor"),
        purpose: required(v, "purpose"),
        at: required_instant(v, "at"),
        by: text(v, "by").unwrap_or_else(|| "subject".to_string()),
    }
}

fn read_agreement(v: &Value) -> Agreement {
    Agreement {
        id: required(v, "id"),
        kind: required(v, "kind"),
        principal: text(v, "principal"),
        delegate: text(v, "delegate"),
        fields: list(v, "fields"),
        purposes: list(v, "purposes"),
        from: required_instant(v, "from"),
        until: instant(v, "until"),
        written: flag(v, "written"),
        subdelegation_allowed: text(v, "subdelegation").as_deref() == Some("allowed"),
        subdelegates: list(v, "subdelegates"),
        between: list(v, "between"),
    }
}

fn read_mechanism(v: &Value) -> Mechanism {
    Mechanism {
        id: required(v, "id"),
        from_processor: required(v, "from_processor"),
        to_processor: text(v, "to_processor"),
        to_country: text(v, "to_country"),
        from: required_instant(v, "from"),
        until: instant(v, "until"),
    }
}

fn read_assessment(v: &Value) -> Assessment {
    Assessment {
        id: required(v, "id"),
        kind: required(v, "kind"),
        processor: required(v, "processor"),
        covers: list(v, "covers"),
        purposes: list(v, "purposes"),
        recipient: text(v, "recipient"),
        at: required_instant(v, "at"),
    }
}

fn read_retention_period(v: &Value) -> RetentionPeriod {
    RetentionPeriod {
        processor: required(v, "processor"),
        fields: list(v, "fields"),
        days: integer(v, "days"),
    }
}

fn read_notice(v: &Value) -> Notice {
    Notice {
        kind: required(v, "kind"),
        processor: required(v, "processor"),
        to: text(v, "to"),
        subjects: list(v, "subjects"),
        at: required_instant(v, "at"),
        policy: text(v, "policy"),
    }
}

fn read_policy(v: &Value) -> Policy {
    Policy {
        id: required(v, "id"),
        processor: required(v, "processor"),
        effective: required_instant(v, "effective"),
        published: instant(v, "published"),
        major_changes: list(v, "major_changes"),
        announced: instant(v, "announced"),
        declares: v.get("declares").filter(|d| !d.is_null()).map(|_| {
            section(v, "declares")
                .into_iter()
                .map(|d| Declared {
                    fields: list(d, "fields"),
                    categories: list(d, "categories"),
                    purposes: list(d, "purposes"),
                    acts: list(d, "acts"),
                    recipients: list(d, "recipients"),
                })
                .collect()
        }),
        rights: list(v, "rights"),
        services: list(v, "services"),
    }
}

fn read_request(v: &Value) -> Request {
    Request {
        id: required(v, "id"),
        kind: text(v, "kind"),
        by: text(v, "by").unwrap_or_else(|| "subject".to_string()),
        verified: instant(v, "verified"),
        subject: required(v, "subject"),
        processor: required(v, "processor"),
        fields: list(v, "fields"),
        at: required_instant(v, "at"),
        answered: instant(v, "answered"),
        outcome: text(v, "outcome"),
        reason: text(v, "reason"),
    }
}

fn read_closure(v: &Value) -> Closure {
    Closure {
        id: required(v, "id"),
        subject: required(v, "subject"),
        processor: required(v, "processor"),
        at: required_instant(v, "at"),
        clear_within_days: integer(v, "clear_within_days").expect("clear_within_days is required"),
        keep: list(v, "keep"),
    }
}

fn read_incident(v: &Value) -> Incident {
    Incident {
        id: required(v, "id"),
        processor: required(v, "processor"),
        known: required_instant(v, "known"),
        fields: list(v, "fields"),
        subjects: list(v, "subjects"),
        regulator_told: instant(v, "regulator_told"),
        platform_told: instant(v, "platform_told"),
        subjects_told: section(v, "subjects_told")
            .into_iter()
            .map(|told| (required(told, "subject"), required_instant(told, "at")))
            .collect(),
        suspected: instant(v, "suspected"),
        found_by: text(v, "found_by"),
        contents: list(v, "contents"),
        channel: text(v, "channel"),
    }
}

fn read_audit(v: &Value) -> Audit {
    Audit {
        id: required(v, "id"),
        by: required(v, "by"),
        of: required(v, "of"),
        notified: instant(v, "notified"),
        at: required_instant(v, "at"),
        remedies: section(v, "remedies")
            .into_iter()
            .map(|r| Remedy {
                id: required(r, "id"),
                due: required_instant(r, "due"),
                done: instant(r, "done"),
            })
            .collect(),
        independent: text(v, "independent").as_deref() != Some("false"),
        refused: text(v, "cooperation").as_deref() == Some("refused"),
    }
}

fn read_termination(v: &Value) -> Termination {
    Termination {
        id: required(v, "id"),
        by: required(v, "by"),
        of: required(v, "of"),
        at: required_instant(v, "at"),
    }
}

fn read_evidence(v: &Value) -> Evidence {
    Evidence {
        id: required(v, "id"),
        processor: required(v, "processor"),
        kind: required(v, "kind"),
        from: required_instant(v, "from"),
        until: instant(v, "until"),
    }
}

/// docs/fact-file.md 3, `defaults`, and the order of docs/checks.md 1: instant, then position in `events`.
fn read_events(file: &Value) -> Vec<Event> {
    let defaults = file
        .get("defaults")
        .and_then(|d| d.get("event"))
        .and_then(Value::as_object);
    let mut events: Vec<Event> = Vec::new();
    for written in section(file, "events") {
        let mut whole = written.as_object().expect("an event is a mapping").clone();
        for (key, value) in defaults.into_iter().flatten() {
            if !whole.contains_key(key) {
                whole.insert(key.clone(), value.clone());
            }
        }
        events.push(read_event(&Value::Object(whole)));
    }
    events.sort_by_key(|e| e.at); // a stable sort: equal instants keep their position
    events
}

/// docs/fact-file.md 7.
fn read_event(v: &Value) -> Event {
    let act = required(v, "act");
    let is_standing = v["at"].is_object();
    let has_from = matches!(
        act.as_str(),
        "share" | "verify" | "disclose" | "delegate" | "assign"
    );
    let has_to = has_from || act == "collect";
    let from = has_from.then(|| required(v, "from"));
    let to = if has_to { text(v, "to") } else { None };
    let actor = match act.as_str() {
        "collect" => to.clone().expect("a collect has `to`"),
        "derive" | "use" | "store" | "correct" | "restrict" | "delete" => required(v, "by"),
        "share" | "verify" | "disclose" | "delegate" | "assign" => from.clone().expect("required above"),
        other => panic!("unknown act {other}"),
    };
    Event {
        id: required(v, "id"),
        at: required_instant(
            if is_standing { &v["at"] } else { v },
            if is_standing { "from" } else { "at" },
        ),
        standing: is_standing.then(|| instant(&v["at"], "until")),
        is_moment: false,
        recipient: if has_from { to.clone() } else { None },
        source: if act == "collect" { text(v, "source") } else { None },
        subjects: list(v, "subjects"),
        fields: list(v, "fields"),
        purpose: text(v, "purpose"),
        safeguards: list(v, "safeguards"),
        makes: if act == "derive" {
            list(v, "makes")
        } else {
            Vec::new()
        },
        method: if act == "derive" { text(v, "method") } else { None },
        location: if act == "store" { text(v, "location") } else { None },
        inward: None,
        value: if act == "correct" { text(v, "value") } else { None },
        lift: act == "restrict" && flag(v, "lift"),
        act,
        actor,
        from,
        to,
    }
}

fn read_rule(v: &Value) -> Rule {
    Rule {
        id: required(v, "id"),
        check: required(v, "check"),
        clause: required(v, "clause"),
        severity: required(v, "severity"),
        parameters: v.clone(),
    }
}
