//! The closed vocabularies in GraphQL: the words of the fact file, in upper case.

use async_graphql::Enum;

use crate::model::{finding, word};

/// The answer to a question that can be answered with yes or no.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "word::Verdict")]
pub enum Verdict {
    /// It is so, and the witness proves it; of a list: it has at least one entry.
    Yes,
    /// It is so in some reading of uncertain facts, not in all.
    Possible,
    /// It is not on record.
    No,
    /// Facts that are needed to decide are missing; the reasons say which.
    Unknown,
}

/// How sure something is where the instants of some acts are known by their bounds only.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "finding::Certainty")]
pub enum Certainty {
    /// So wherever inside their bounds these acts took place.
    Definite,
    /// So for some such instants, and not known to be so for all.
    Possible,
}

/// How acts of one instant are taken.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "word::Ties")]
pub enum Ties {
    /// In the order of the record.
    Recorded,
    /// What ends first, then what begins, then flows in whatever order carries furthest: for records whose clocks are coarse.
    Any,
    /// What ends first; a flow carries only what came at an earlier instant.
    Strict,
}

/// How bad a finding is, as its rule says.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "word::Severity")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// A duty was missed, but no data moved.
    Warning,
    /// A violation.
    Error,
}

/// What was done with data. Transfers over borders are concluded from these acts, never stated.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "word::ActKind")]
pub enum ActKind {
    /// Data was acquired from the subject, or from a source that is no acting party.
    Collect,
    /// New data was made from data held.
    Derive,
    /// Data was consulted or worked with; nothing was made or moved.
    Use,
    /// Data was placed somewhere.
    Store,
    /// Data was given to another party.
    Share,
    /// Data was sent to a verifier to be confirmed.
    Verify,
    /// Data was made public.
    Disclose,
    /// Data was given to somebody who works on the giver's behalf.
    Delegate,
    /// Data was handed over for good, as in a merger; the giver's copies end.
    Assign,
    /// Data was put right.
    Correct,
    /// Data set apart, to be kept and no more, or set free again.
    Restrict,
    /// Data was deleted.
    Delete,
}

/// How a derive act changes whether what it makes identifies a person.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "word::Method")]
pub enum Method {
    /// Hashing, masking, pseudonyms: what is made is still personal data.
    Deidentify,
    /// What is made can neither identify anybody nor be restored.
    Anonymize,
    /// What is made is tied to a person again.
    Reidentify,
}

/// Whether data identifies a person.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "word::State")]
pub enum State {
    /// It names or singles out a person.
    Identified,
    /// It needs additional information to do so; it is personal data all the same.
    Deidentified,
    /// It is not personal data.
    Anonymized,
}

/// What a party is, seen from outside. Its role towards a copy is another matter.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "word::ProcessorKind")]
pub enum ProcessorKind {
    /// It decides on purposes and means (a controller in the GDPR, a processor in the PIPL).
    Controller,
    /// It works on another's behalf (a processor in the GDPR, an entrusted party in the PIPL).
    Delegate,
    /// It confirms data and does nothing else.
    Verifier,
    /// It is a public authority.
    Authority,
    /// It is the public at large.
    Public,
    /// It is a group of companies, and no organization itself.
    Group,
}
