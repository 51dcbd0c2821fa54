//! Rules: one arm for each check, with its parameters.

use std::sync::Arc;

use super::duties::DAYS_MAX;
use super::entry::Entry;
use super::permissions::COVERED;
use crate::flow::FlowPolicies;
use crate::model::alike::nearest;
use crate::model::id::{Country, FactId, ProcessorId, SubjectId};
use crate::model::place::ProblemCode;
use crate::model::rule::{
    About, Check, Data, Gap, Grades, Only, RetentionLimit, RiskKind, Rule, Term, Terms, When,
};
use crate::model::word::{
    ActKind, Basis, Dimension, Giver, Grade, NoticeKind, ProcessorKind, Proof, Requester, Role, Section,
    Severity, State,
};

type Read<'e, 'n, 't, 'r> = &'e mut Entry<'n, 't, 'r>;

/// Something judged.
pub fn rule(entry: Read<'_, '_, '_, '_>) -> Option<Rule> {
    let id: Option<FactId> = entry.declare(Section::Rules);
    entry.take_empty_lists();
    let clause = entry.text_required("clause", "the clause it stands for");
    let severity = entry.word_required("severity", Severity::parse, Severity::WORDS);
    let name = entry.text_required("check", "the name of a check");
    let only = only(entry);
    let about = about(entry);
    let check = name.and_then(|name| check(entry, name));
    if check.is_none() {
        entry.ignore_the_rest();
    }
    Some(Rule {
        id: id?,
        clause: clause?.to_owned(),
        severity: severity?,
        check: check?,
        only,
        about: Arc::new(about),
    })
}

/// What a rule is limited to.
fn only(entry: Read<'_, '_, '_, '_>) -> Only {
    let Some(node) = entry.node("only") else {
        return Only::default();
    };
    let Some(mut inner) = Entry::open(node, "`only`", entry.reading()) else {
        return Only::default();
    };
    let only = Only {
        processors: inner.references_optional("processors", Section::Processors),
        categories: inner.references_optional("categories", Section::Categories),
        fields: inner.references_optional("fields", Section::Fields),
        purposes: inner.references_optional("purposes", Section::Purposes),
        acts: listed(inner.words("acts", true, ActKind::parse, ActKind::WORDS)),
        states: listed(inner.words("states", true, State::parse, State::WORDS)),
        reasons: listed(texts(&mut inner, "reasons")),
    };
    inner.close();
    only
}

/// What a rule says beside what it judges. The pack is for the reader of packs to tell.
fn about(entry: Read<'_, '_, '_, '_>) -> About {
    About {
        pack: None,
        law: texts(entry, "law"),
        advice: entry.text("advice").map(str::to_owned),
        asks: None,
        link: link(entry),
        voluntary: entry.flag("voluntary"),
    }
}

/// An address on the web; whatever else might stand there would be a link all the same.
pub fn link(entry: Read<'_, '_, '_, '_>) -> Option<String> {
    let text = entry.text("link")?;
    let is_address = text.starts_with("https://") || text.starts_with("http://");
    if !is_address
        || text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"`\\^{|}".contains(c))
    {
        let mark = entry.node("link").map_or(entry.mark(), |node| node.mark);
        let message = format!("`{text}` is no address on the web");
        entry
            .reading()
            .problem(ProblemCode::BadWord, mark, message, "write https://…");
        return None;
    }
    Some(text.to_owned())
}

fn texts(entry: Read<'_, '_, '_, '_>, key: &str) -> Vec<String> {
    entry
        .texts(key, true)
        .into_iter()
        .map(|(text, _)| text.to_owned())
        .collect()
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm for each check; splitting would hide the list"
)]
fn check(entry: Read<'_, '_, '_, '_>, name: &str) -> Option<Check> {
    Some(match name {
        "authorized" => Check::Authorized {
            when: when(entry),
            terms: Terms {
                grades: grades(entry),
                compatible: entry.flag("compatible"),
            },
        },
        "prohibited-category" => Check::ProhibitedCategory {
            categories: entry.references_required("categories", true, Section::Categories),
            processors: anyone(entry),
        },
        "lawful-source" => Check::LawfulSource {
            processors: anyone(entry),
        },
        "necessity" => Check::Necessity {
            processors: anyone(entry),
        },
        "frequency" => {
            let data = data(entry);
            let min_distance = entry.hours_required("min_hours");
            let processors = anyone(entry);
            Check::Frequency {
                data,
                min_distance: min_distance?,
                processors,
            }
        }
        "bundled-consent" => Check::BundledConsent,
        "alternative-offered" => Check::AlternativeOffered {
            categories: entry.references_required("categories", true, Section::Categories),
        },
        "storage-location" => {
            entry.demand("processor", "who stores");
            entry.demand("allowed", "a list of countries");
            Check::StorageLocation {
                processors: anyone(entry),
                allowed: entry.shared::<Country>("allowed", true),
            }
        }
        "transfer-mechanism" => Check::TransferMechanism {
            processors: anyone(entry),
            bloc: entry.shared("bloc", true),
            adequate: entry.shared("adequate", true),
        },
        "transfer-confidentiality" => {
            entry.demand("processor", "who gives");
            Check::TransferConfidentiality {
                processors: anyone(entry),
            }
        }
        "safeguard" => {
            entry.demand("acts", "a list of acts");
            entry.demand("needs", "a list of safeguards");
            Check::Safeguards {
                acts: acts(entry),
                needs: entry.shared("needs", true),
                processors: anyone(entry),
                sensitive_only: entry.flag("fields_sensitive"),
            }
        }
        "recipient-assessed" => Check::RecipientAssessed {
            processors: anyone(entry),
            exempt_kinds: entry.words("exempt_kinds", true, ProcessorKind::parse, ProcessorKind::WORDS),
        },
        "impact-assessment" => {
            entry.demand("acts", "acts, cross-border or sensitive");
            Check::ImpactAssessment {
                acts: entry.words("acts", true, RiskKind::parse, COVERED),
                processors: anyone(entry),
                within_days: entry.integer("within_days", 0, DAYS_MAX),
            }
        }
        "state-required" => {
            entry.demand("acts", "a list of acts");
            entry.demand("allowed", "a list of states");
            Check::StateRequired {
                acts: acts(entry),
                purposes: entry.references_required("purposes", true, Section::Purposes),
                allowed: entry.words("allowed", true, State::parse, State::WORDS),
            }
        }
        "optout" => {
            let acts = acts(entry);
            Check::Optout {
                acts: if acts.is_empty() {
                    vec![ActKind::Use, ActKind::Share, ActKind::Disclose]
                } else {
                    acts
                },
                by: listed(entry.words("by", true, Giver::parse, Giver::WORDS)),
                bases: listed(entry.words("bases", true, Basis::parse, Basis::WORDS)),
            }
        }
        "stop-access" => Check::StopAccess,
        "flow-supported" => Check::FlowSupported,
        "retention" => Check::Retention {
            limits: limits(entry),
            processors: anyone(entry),
        },
        "retention-declared" => Check::RetentionDeclared {
            processors: entry.references_required("processors", true, Section::Processors),
            categories: entry.references_required("categories", true, Section::Categories),
        },
        "deletion-effective" => Check::DeletionEffective,
        "deletion-propagated" => {
            let within_days = entry.integer_required("within_days", -DAYS_MAX, DAYS_MAX);
            let processors = anyone(entry);
            let mut roles = entry.words("roles", true, Role::parse, Role::WORDS);
            if roles.is_empty() {
                roles.push(Role::Delegated);
            }
            Check::DeletionPropagated {
                within_days: within_days?,
                processors,
                roles,
            }
        }
        "closure" => Check::Closure,
        "reidentification" => Check::Reidentification,
        "protected-attribute" => Check::ProtectedAttribute {
            categories: entry.references_required("categories", true, Section::Categories),
            decisions: entry.references_required("decisions", true, Section::Fields),
        },
        "delegation" => Check::Delegation {
            affiliates_only: entry.flag("affiliates_only"),
            return_within_days: entry
                .integer("return_within_days", -DAYS_MAX, DAYS_MAX)
                .unwrap_or(0),
        },
        "assignment-notice" => Check::AssignmentNotice,
        "policy-notice" => Check::PolicyNotice,
        "incident-notice" => Check::IncidentNotice {
            subjects_within: entry.hours("subject_hours"),
            regulator_within: entry.hours("regulator_hours"),
            platform_within: entry.hours("platform_hours"),
            processors: anyone(entry),
            from_suspicion: entry.flag("from_suspicion"),
        },
        "request-deadline" => {
            let within = term(entry);
            Check::RequestDeadline {
                kinds: listed(texts(entry, "kinds")),
                by: listed(entry.words("by", true, Requester::parse, Requester::WORDS)),
                within: within?,
            }
        }
        "refusal-reason" => Check::RefusalReason {
            allowed: listed(texts(entry, "allowed")),
        },
        "protection-level" => {
            let processors = entry.references_required("processors", true, Section::Processors);
            let at_least = entry.reference_required("at_least", Section::Processors);
            let since = entry.instant_required("since");
            Check::ProtectionLevel {
                processors,
                at_least: at_least?,
                since: since?,
            }
        }
        "audit-remedied" => Check::AuditRemedied {
            notice_days: entry.integer("notice_days", -DAYS_MAX, DAYS_MAX).unwrap_or(0),
        },
        "policy" => policy(entry)?,
        "evidence" => {
            entry.demand("kinds", "a list of kinds of evidence");
            Check::Evidence {
                processors: entry.references_required("processors", true, Section::Processors),
                kinds: texts(entry, "kinds"),
                within_days: entry.integer("within_days", 0, DAYS_MAX),
            }
        }
        "ground" => {
            entry.demand("bases", "a list of grounds");
            Check::Ground {
                bases: entry.words("bases", true, Basis::parse, Basis::WORDS),
                purposes: entry.references("purposes", true, Section::Purposes),
            }
        }
        "ground-recognized" => {
            entry.demand("allowed", "a list of grounds");
            Check::GroundRecognized {
                allowed: entry.words("allowed", true, Basis::parse, Basis::WORDS),
            }
        }
        "declared" => Check::Declared {
            processors: anyone(entry),
        },
        "service-policy" => Check::ServicePolicy {
            processors: someone(entry),
            purposes: entry.references_required("purposes", true, Section::Purposes),
        },
        "change-notice" => Check::ChangeNotice,
        "prior-notice" => {
            let kind = entry.word_required("kind", NoticeKind::parse, NoticeKind::WORDS);
            entry.demand("acts", "a list of acts");
            Check::PriorNotice {
                acts: acts(entry),
                kind: kind?,
            }
        }
        "public-source" => {
            let data = data(entry);
            entry.demand("kinds", "kinds of source");
            Check::PublicSource {
                data,
                kinds: entry.words("kinds", true, ProcessorKind::parse, ProcessorKind::WORDS),
            }
        }
        "least-privilege" => Check::LeastPrivilege {
            processors: anyone(entry),
        },
        "incident-content" => {
            entry.demand("needs", "the parts that people must be told");
            Check::IncidentContent {
                needs: texts(entry, "needs"),
                contact: entry.references("contact", true, Section::Categories),
            }
        }
        "incident-found" => Check::IncidentFound,
        "ceasing" => Check::Ceasing {
            clear_within_days: entry
                .integer("clear_within_days", -DAYS_MAX, DAYS_MAX)
                .unwrap_or(0),
        },
        "embedded-party" => Check::EmbeddedParty {
            processors: someone(entry),
        },
        "authority-report" => Check::AuthorityReport {
            purposes: entry.references_required("purposes", true, Section::Purposes),
        },
        "assignment-ground" => Check::AssignmentGround,
        "correction-propagated" => {
            let within_days = within_days(entry);
            Check::CorrectionPropagated {
                processors: anyone(entry),
                within_days: within_days?,
            }
        }
        "restriction" => Check::Restriction {
            processors: anyone(entry),
        },
        "policy-rights" => {
            entry.demand("rights", "a list of rights");
            Check::PolicyRights {
                rights: texts(entry, "rights"),
            }
        }
        "deceased" => Check::Deceased,
        "protection-held" => {
            let at_least = entry.reference_required("at_least", Section::Processors);
            Check::ProtectionHeld { at_least: at_least? }
        }
        "audit-due" => {
            let processors = someone(entry);
            let within_days = within_days(entry);
            let roles = entry.words("roles", true, Role::parse, Role::WORDS);
            Check::AuditDue {
                processors,
                within_days: within_days?,
                roles: if roles.is_empty() {
                    Role::ALL.to_vec()
                } else {
                    roles
                },
            }
        }
        "audit-independent" => Check::AuditIndependent,
        "consent-record" => {
            entry.demand("needs", "evidence, notice or both");
            Check::ConsentRecord {
                needs: entry.words("needs", true, Proof::parse, Proof::WORDS),
            }
        }
        "implied-acceptance" => Check::ImpliedAcceptance,
        "partner-relation" => Check::PartnerRelation {
            processors: someone(entry),
            exempt_kinds: entry.words("exempt_kinds", true, ProcessorKind::parse, ProcessorKind::WORDS),
        },
        "state-supported" => Check::StateSupported,
        "never-used" => {
            let within_days = within_days(entry);
            Check::NeverUsed {
                processors: anyone(entry),
                within_days: within_days?,
            }
        }
        "purpose-ended" => Check::PurposeEnded {
            within_days: within_days(entry)?,
        },
        "minimum-retention" => Check::MinimumRetention {
            limits: limits(entry),
            processors: anyone(entry),
        },
        "declared-period" => Check::DeclaredPeriod,
        "tainted" => Check::Tainted {
            processors: anyone(entry),
        },
        "source-warranty" => {
            entry.demand("kinds", "a list of kinds of evidence");
            Check::SourceWarranty {
                kinds: texts(entry, "kinds"),
                processors: anyone(entry),
            }
        }
        "joint" => Check::Joint {
            processors: anyone(entry),
        },
        "identity-verified" => Check::IdentityVerified,
        unknown => {
            let mark = entry.node("check").map_or(entry.mark(), |node| node.mark);
            entry.reading().problem(
                ProblemCode::UnknownCheck,
                mark,
                format!("there is no check `{unknown}`"),
                match nearest(unknown, Check::NAMES.iter().copied()) {
                    Some(meant) => {
                        format!("did you mean `{meant}`? docs/checks.md says what each check asks")
                    }
                    None => format!("use one of {}", Check::NAMES.join(", ")),
                },
            );
            return None;
        }
    })
}

/// Flow policies, from the rule itself. What stood in a file was put there by whoever could read it.
fn policy(entry: Read<'_, '_, '_, '_>) -> Option<Check> {
    let file = entry.text("policy_file").map(str::to_owned);
    let mark = entry
        .node("policy")
        .or_else(|| entry.node("policy_file"))
        .map(|node| node.mark);
    let text = entry.text("policy");
    let acts = acts(entry);
    let processors = anyone(entry);
    let (Some(text), Some(mark)) = (text, mark) else {
        if let Some(mark) = mark {
            entry.reading().problem(
                ProblemCode::FlowPolicy,
                mark,
                "the file of the flow policies cannot be read from here".to_owned(),
                "write the policies into the rule, under `policy`",
            );
        } else {
            entry.missing(
                "policy_file",
                "add it: a file of flow policies, or their text under `policy`",
            );
        }
        return None;
    };
    match FlowPolicies::read(text) {
        Ok(policies) => {
            // Everyone is no subject that anybody declares.
            let declared = |(_, id): &&(Section, String)| id != SubjectId::EVERYONE;
            for (section, id) in policies.names().iter().filter(declared) {
                entry.reading().references.refer(*section, None, id, mark);
            }
            Some(Check::Policy {
                file,
                text: text.to_owned(),
                acts,
                processors,
            })
        }
        Err(problems) => {
            let name = file.as_deref().unwrap_or("policy");
            for problem in problems {
                entry.reading().problem(
                    ProblemCode::FlowPolicy,
                    mark,
                    format!("{name}:{}:{}: {}", problem.line, problem.column, problem.message),
                    problem.help,
                );
            }
            None
        }
    }
}

/// The processors a rule is limited to.
fn anyone(entry: Read<'_, '_, '_, '_>) -> Option<Vec<ProcessorId>> {
    entry.references_optional("processor", Section::Processors)
}

/// The processors a rule is about.
fn someone(entry: Read<'_, '_, '_, '_>) -> Vec<ProcessorId> {
    entry.references_required("processor", true, Section::Processors)
}

fn within_days(entry: Read<'_, '_, '_, '_>) -> Option<i64> {
    entry.integer_required("within_days", -DAYS_MAX, DAYS_MAX)
}

fn acts(entry: Read<'_, '_, '_, '_>) -> Vec<ActKind> {
    entry.words("acts", true, ActKind::parse, ActKind::WORDS)
}

/// The data a rule is about: fields, categories, or both.
pub fn data(entry: Read<'_, '_, '_, '_>) -> Data {
    if entry.node("categories").is_none() {
        entry.demand("fields", "identifiers of `fields`, or `categories`");
    }
    Data {
        fields: entry.references("fields", true, Section::Fields),
        categories: entry.references("categories", true, Section::Categories),
    }
}

fn limits(entry: Read<'_, '_, '_, '_>) -> Vec<RetentionLimit> {
    entry.demand("limits", "a list of {fields, days}");
    let mut limits = Vec::new();
    for node in entry.maps("limits") {
        if let Some(mut inner) = Entry::open(node, "a limit", entry.reading()) {
            let data = data(&mut inner);
            let days = inner.integer_required("days", -DAYS_MAX, DAYS_MAX);
            let processor = inner.reference("processor", Section::Processors);
            inner.close();
            limits.extend(days.map(|days| RetentionLimit {
                data,
                days,
                processor,
            }));
        }
    }
    limits
}

fn gap_words() -> Vec<&'static str> {
    let mut words = Dimension::WORDS.to_vec();
    words.push("none");
    words
}

/// How long there is to answer: by one of three keys.
fn term(entry: Read<'_, '_, '_, '_>) -> Option<Term> {
    let number = |entry: Read<'_, '_, '_, '_>, key: &str| {
        let number = entry.integer_required(key, 0, 10_000)?;
        u32::try_from(number).ok()
    };
    if entry.node("months").is_some() {
        number(entry, "months").map(Term::Months)
    } else if entry.node("days").is_some() {
        number(entry, "days").map(Term::Days)
    } else {
        number(entry, "working_days").map(Term::WorkingDays)
    }
}

fn grades(entry: Read<'_, '_, '_, '_>) -> Grades {
    let mut grades = Grades::default();
    let Some(node) = entry.node("grades") else {
        return grades;
    };
    let Some(mut inner) = Entry::open(node, "`grades`", entry.reading()) else {
        return grades;
    };
    for (key, grade) in [
        ("share", &mut grades.share),
        ("disclose", &mut grades.disclose),
        ("other", &mut grades.other),
        ("sensitive", &mut grades.sensitive),
        ("minor", &mut grades.minor),
        ("crossing", &mut grades.crossing),
    ] {
        if let Some(given) = inner.word(key, Grade::parse, Grade::WORDS) {
            *grade = given;
        }
    }
    inner.close();
    grades
}

fn when(entry: Read<'_, '_, '_, '_>) -> When {
    let Some(node) = entry.node("when") else {
        return When::default();
    };
    let Some(mut inner) = Entry::open(node, "`when`", entry.reading()) else {
        return When::default();
    };
    // A list that is not given fits all; an empty one means the same as none.
    let when = When {
        reasons: listed(inner.words("reasons", true, Gap::parse, &gap_words())),
        acts: listed(inner.words("acts", true, ActKind::parse, ActKind::WORDS)),
        processors: inner.references_optional("processors", Section::Processors),
        kinds: listed(inner.words("kinds", true, ProcessorKind::parse, ProcessorKind::WORDS)),
        purposes: inner.references_optional("purposes", Section::Purposes),
        fields: inner.references_optional("fields", Section::Fields),
        cross_border: inner.flag("cross_border"),
        acquired_by: inner.word("acquired_by", ActKind::parse, ActKind::WORDS),
        others: inner.references_optional("others", Section::Processors),
        minors: inner.flag("minors"),
        sourced: inner.flag("sourced"),
    };
    inner.close();
    when
}

fn listed<T>(list: Vec<T>) -> Option<Vec<T>> {
    if list.is_empty() { None } else { Some(list) }
}
