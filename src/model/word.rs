//! The closed vocabularies of the fact file.
//!
//! Each is an enum, so that a new word stops the build wherever a decision is needed. `ALL` lists the words in
//! the order of their declaration; where the order means something (grades), the type says so.

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
        }

        impl $name {
            /// Every word, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Every word as written, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($text,)+];

            /// The word as written in fact files and printed in answers.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The word of this spelling.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

impl Section {
    /// Whether its items are what facts of other sections speak of. They keep their names for good.
    pub const fn is_declaration(self) -> bool {
        matches!(
            self,
            Self::Subjects
                | Self::Cohorts
                | Self::Categories
                | Self::Fields
                | Self::Processors
                | Self::Purposes
        )
    }
}

words! {
    /// What was done with data. Shares, transfers and crossings are concluded from these, never asserted.
    ActKind {
        /// Data acquired from the subject or from a source that is no acting party (DPV `Collect`).
        Collect = "collect",
        /// New data made from data held (DPV `Derive`, `prov:wasDerivedFrom`).
        Derive = "derive",
        /// Data consulted or worked with, nothing made or moved (DPV `Use`).
        Use = "use",
        /// Data placed somewhere (DPV `Store`).
        Store = "store",
        /// Data given to another party (DPV `Share`; PIPL 23).
        Share = "share",
        /// Data sent to a verifier to be confirmed.
        Verify = "verify",
        /// Data made public or given to an unbounded audience (PIPL 25).
        Disclose = "disclose",
        /// Data given to somebody who works on the giver's behalf (GDPR 28; PIPL 21).
        Delegate = "delegate",
        /// Data handed over for good, as in a merger (PIPL 22); the giver's copies end.
        Assign = "assign",
        /// Data put right (GDPR 16; PIPL 46).
        Correct = "correct",
        /// Data set apart, to be kept and no more, or set free again (GDPR 18; PIPL 44, 47).
        Restrict = "restrict",
        /// Data deleted (GDPR 17; PIPL 47).
        Delete = "delete",
    }

    /// How surely an act carries what its actor holds, weaker and weaker: lineage of whole datasets says no more than
    /// that data may have gone along.
    Carries {
        /// It does.
        Surely = "surely",
        /// It may have: which columns went where was not told, or the run did not end well.
        Possible = "possible",
        /// Not at all, but it had a say in what came out: a filter, a join, a sort.
        Influence = "influence",
    }

    /// How a derive act changes the identifiability of what it makes.
    Method {
        /// Hashing, masking, pseudonyms: still personal (GDPR 4(5); PIPL 73(3)).
        Deidentify = "deidentify",
        /// Can neither identify nor be restored (GDPR recital 26; PIPL 73(4)).
        Anonymize = "anonymize",
        /// Tied to a person again.
        Reidentify = "reidentify",
    }

    /// Identifiability of a data item, as declared.
    State {
        /// Names or singles out a person.
        Identified = "identified",
        /// Needs additional information to identify; personal all the same.
        Deidentified = "deidentified",
        /// Not personal data.
        Anonymized = "anonymized",
    }

    /// What a party is, seen from outside; its role towards a copy is another matter.
    ProcessorKind {
        /// Decides on purposes and means (GDPR controller, PIPL processor).
        Controller = "controller",
        /// Works on another's behalf (GDPR processor, PIPL entrusted party).
        Delegate = "delegate",
        /// Confirms data and nothing else.
        Verifier = "verifier",
        /// A public authority.
        Authority = "authority",
        /// The public at large.
        Public = "public",
        /// A group of companies: no organization itself.
        Group = "group",
    }

    /// The legal basis of an authorization (GDPR 6(1); PIPL 13).
    Basis {
        /// The subject's consent.
        Consent = "consent",
        /// Needed for a contract with the subject.
        Contract = "contract",
        /// Needed for a legal duty.
        LegalDuty = "legal-duty",
        /// National security or defence.
        NationalSecurity = "national-security",
        /// Public-health or other emergency.
        Emergency = "emergency",
        /// Investigation, prosecution, judgment.
        Justice = "justice",
        /// Made public by the subject.
        SelfDisclosed = "self-disclosed",
        /// Lawfully public.
        LawfullyDisclosed = "lawfully-disclosed",
        /// Needed to keep the service safe and stable.
        ServiceStability = "service-stability",
        /// Any other ground that a law gives.
        OtherLaw = "other-law",
        /// News reporting and the supervision of public opinion (PIPL 13(5)).
        Press = "press",
        /// A task in the public interest or of official authority (GDPR 6(1)(e)).
        PublicTask = "public-task",
        /// Legitimate interests that outweigh those of the person (GDPR 6(1)(f)).
        LegitimateInterest = "legitimate-interest",
    }

    /// How strong a consent is, weakest first.
    Grade {
        /// Agreement to terms as a whole.
        General = "general",
        /// A clear affirmative act.
        Explicit = "explicit",
        /// Given for this alone (PIPL 23, 29, 39).
        Separate = "separate",
        /// Separate and in writing.
        Written = "written",
    }

    /// Who gave a consent.
    Giver {
        /// The data subject.
        Subject = "subject",
        /// A parent or other guardian (GDPR 8; PIPL 31).
        Guardian = "guardian",
    }

    /// How bad a finding is, as its rule says.
    Severity {
        /// Worth knowing.
        Note = "note",
        /// A duty missed that moves no data.
        Warning = "warning",
        /// A violation.
        Error = "error",
    }

    /// How a copy is held. The role belongs to the copy, not to the company.
    Role {
        /// For the holder's own purposes.
        Own = "own",
        /// On behalf of the giver.
        Delegated = "delegated",
        /// Taken over from the giver.
        Assigned = "assigned",
        /// Received from somebody whose own copy was deleted: the record contradicts itself.
        Contradicted = "contradicted",
    }

    /// Who makes a request about somebody's data.
    Requester {
        /// The data subject.
        Subject = "subject",
        /// A parent or other guardian.
        Guardian = "guardian",
        /// A relative of somebody who died (PIPL 49).
        Relative = "relative",
    }

    /// What subjects are told.
    NoticeKind {
        /// Their data goes to a successor.
        Assignment = "assignment",
        /// A policy changes.
        PolicyChange = "policy-change",
        /// A record to their disadvantage will be delivered.
        BadRecord = "bad-record",
        /// The service ends.
        Cessation = "cessation",
    }

    /// What is kept with a consent to prove it.
    Proof {
        /// Where the proof of the consent is kept.
        Evidence = "evidence",
        /// What the person was shown, in which version.
        Notice = "notice",
    }

    /// How a request by a subject ended.
    Outcome {
        /// Granted.
        Done = "done",
        /// Refused.
        Refused = "refused",
    }

    /// The dimension in which an authorization fails to cover an act, in the order in which reasons are preferred.
    Dimension {
        /// Withdrawn at or before the act.
        Withdrawn = "withdrawn",
        /// Past its end.
        Expired = "expired",
        /// The subject is a minor and no guardian agreed.
        Guardian = "guardian",
        /// Consent too weak.
        Grade = "grade",
        /// Another purpose.
        Purpose = "purpose",
        /// Another field.
        Field = "field",
        /// Another recipient.
        Recipient = "recipient",
        /// Another kind of act.
        Act = "act",
        /// Not begun.
        NotYet = "not-yet",
    }

    /// The answer to a yes-or-no question.
    Verdict {
        /// Proved by the witness.
        Yes = "yes",
        /// True in some reading of uncertain facts, not in all.
        Possible = "possible",
        /// Not on record.
        No = "no",
        /// Facts needed to decide are missing.
        Unknown = "unknown",
    }

    /// How acts of one instant are taken.
    Ties {
        /// In the order of the record.
        Recorded = "recorded",
        /// What ends first, then what begins, then flows in whatever order carries furthest.
        Any = "any",
        /// What ends first; a flow carries only what came at an earlier instant.
        Strict = "strict",
    }

    /// The sections of a fact file, in the order of the format page.
    Section {
        /// People.
        Subjects = "subjects",
        /// Subjects under one name.
        Cohorts = "cohorts",
        /// Kinds of data.
        Categories = "categories",
        /// Data items.
        Fields = "fields",
        /// Parties and systems.
        Processors = "processors",
        /// Purposes.
        Purposes = "purposes",
        /// Permissions.
        Authorizations = "authorizations",
        /// Switches a subject turned off.
        Choices = "choices",
        /// Contracts between processors.
        Agreements = "agreements",
        /// Lawful routes over a border.
        Mechanisms = "mechanisms",
        /// Impact and recipient assessments.
        Assessments = "assessments",
        /// Declared retention periods.
        RetentionPeriods = "retention_periods",
        /// Notices to subjects.
        Notices = "notices",
        /// Versions of privacy policies.
        Policies = "policies",
        /// Requests by subjects.
        Requests = "requests",
        /// Accounts closed.
        Closures = "closures",
        /// Incidents.
        Incidents = "incidents",
        /// Audits of partners.
        Audits = "audits",
        /// Cooperations ended.
        Terminations = "terminations",
        /// Evidence that only can be recorded.
        Evidence = "evidence",
        /// Acts.
        Events = "events",
        /// What is judged.
        Rules = "rules",
        /// Findings put up with until a day.
        Suppressions = "suppressions",
        /// Purposes that data may serve too.
        Compatibility = "compatibility",
    }
}
