//! Instants, civil dates and the calendar of a fact set.
//!
//! Instants carry an offset when written, are compared as instants and kept as UTC microseconds. "Now" is
//! never read here: whoever needs it passes it in.

use std::fmt::Write as _;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// The days of the week in their order, with the words of fact files.
pub const WEEK: [(Weekday, &str); 7] = [
    (Weekday::Monday, "mon"),
    (Weekday::Tuesday, "tue"),
    (Weekday::Wednesday, "wed"),
    (Weekday::Thursday, "thu"),
    (Weekday::Friday, "fri"),
    (Weekday::Saturday, "sat"),
    (Weekday::Sunday, "sun"),
];

/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// Why a text is no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstantError {
    /// A date alone: the time and the offset are missing.
    DateWithoutTime,
    /// A date and a time without an offset or `Z`.
    NoOffset,
    /// More digits than microseconds.
    TooFine,
    /// Not ISO 8601 at all, or outside the years −9999 to 9999.
    NotIso,
}

const MICROS_PER_HOUR: i64 = 3_600_000_000;

impl Instant {
    /// The instant `micros` microseconds after 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads ISO 8601 with an offset or `Z`, to the microsecond.
    pub fn parse(text: &str) -> Result<Self, InstantError> {
        if let Ok(stamp) = text.parse::<Timestamp>() {
            return if stamp.subsec_nanosecond() % 1_000 == 0 {
                Ok(Self(stamp.as_microsecond()))
            } else {
                Err(InstantError::TooFine)
            };
        }
        if parse_date(text).is_some() {
            Err(InstantError::DateWithoutTime)
        } else if text.parse::<jiff::civil::DateTime>().is_ok() {
            Err(InstantError::NoOffset)
        } else {
            Err(InstantError::NotIso)
        }
    }

    /// This instant and `days` times 24 hours; stops at the end of representable time.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(24 * MICROS_PER_HOUR)))
    }

    /// This instant and `span`; stops at the end of representable time.
    #[must_use]
    pub fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The last instant before this one; stops at the beginning of representable time.
    #[must_use]
    pub const fn just_before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// Bytes that sort like the instants they encode: sign bit flipped, then big-endian.
    pub fn to_key(self) -> [u8; 8] {
        (self.0.cast_unsigned() ^ (1 << 63)).to_be_bytes()
    }

    /// The instant whose key bytes these are.
    pub fn from_key(key: [u8; 8]) -> Self {
        Self((u64::from_be_bytes(key) ^ (1 << 63)).cast_signed())
    }

    fn timestamp(self) -> Timestamp {
        let nearest = self
            .0
            .clamp(Timestamp::MIN.as_microsecond(), Timestamp::MAX.as_microsecond());
        Timestamp::from_microsecond(nearest).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// When an act takes place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// At this instant.
    Instant(Instant),
    /// All through `from <= t < until`, without an end if there is no `until`: a nightly export, a declared flow.
    Standing {
        /// Active from here on, it included.
        from: Instant,
        /// Active until here, it excluded; later than `from`.
        until: Option<Instant>,
    },
    /// At one instant, of which only the bounds are known, both included.
    Between {
        /// Not before this.
        earliest: Instant,
        /// Not after this.
        latest: Instant,
        /// At which of them it is taken to be: the earliest, unless a placement says otherwise. It is never stored.
        placed: Instant,
    },
    /// All through a stretch of time of whose beginning, end or both only the bounds are known.
    Stretching {
        /// Active from here on, it included.
        from: Edge,
        /// Active until here, it excluded, without an end if there is none; it cannot lie before the beginning, nor at it.
        until: Option<Edge>,
    },
}

/// The beginning or the end of a standing act, somewhere between its bounds, both included. Equal bounds are an instant.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Edge {
    /// Not before this.
    pub earliest: Instant,
    /// Not after this.
    pub latest: Instant,
    /// At which of them it is taken to be: the earliest, unless a placement says otherwise. It is never stored.
    placed: Instant,
}

impl Edge {
    /// Between these, taken to be at the earliest.
    pub fn between((earliest, latest): (Instant, Instant)) -> Self {
        Self {
            earliest,
            latest,
            placed: earliest,
        }
    }

    /// The bounds, where it is not known better.
    fn bounds(self) -> Option<(Instant, Instant)> {
        (self.earliest < self.latest).then_some((self.earliest, self.latest))
    }

    /// The same at this instant, or at the bound that is next to it.
    fn placed_at(self, at: Instant) -> Self {
        Self {
            placed: at.clamp(self.earliest, self.latest),
            ..self
        }
    }
}

/// A single instant looks like an instant: what was described before there were others still is.
impl std::fmt::Debug for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Instant(at) => at.fmt(f),
            Self::Standing { from, until } => f
                .debug_struct("Standing")
                .field("from", from)
                .field("until", until)
                .finish(),
            Self::Between { earliest, latest, .. } => f
                .debug_struct("Between")
                .field("earliest", earliest)
                .field("latest", latest)
                .finish(),
            Self::Stretching {
                from,
                until: Some(end),
            } if from.bounds().is_none() => f
                .debug_struct("Ending")
                .field("from", &from.earliest)
                .field("earliest", &end.earliest)
                .field("latest", &end.latest)
                .finish(),
            Self::Stretching { from, until } => f
                .debug_struct("Stretching")
                .field("from", &(from.earliest, from.latest))
                .field("until", &until.map(|end| (end.earliest, end.latest)))
                .finish(),
        }
    }
}

impl When {
    /// At one instant of which the bounds are known; a plain instant where they are equal.
    pub fn between(earliest: Instant, latest: Instant) -> Self {
        if earliest == latest {
            Self::Instant(earliest)
        } else {
            Self::Between {
                earliest,
                latest,
                placed: earliest,
            }
        }
    }

    /// Standing, of its beginning and its end the bounds; a plain one where both have equal ones.
    pub fn stretching(from: (Instant, Instant), until: Option<(Instant, Instant)>) -> Self {
        let (from, until) = (Edge::between(from), until.map(Edge::between));
        if from.bounds().or(until.and_then(Edge::bounds)).is_some() {
            Self::Stretching { from, until }
        } else {
            Self::Standing {
                from: from.earliest,
                until: until.map(|end| end.earliest),
            }
        }
    }

    /// The bounds of an instant that is not known better.
    pub fn bounds(self) -> Option<(Instant, Instant)> {
        match self {
            Self::Between { earliest, latest, .. } => Some((earliest, latest)),
            Self::Instant(_) | Self::Standing { .. } | Self::Stretching { .. } => None,
        }
    }

    /// Of a standing act, the bounds of a beginning that is not known better.
    pub fn begin_bounds(self) -> Option<(Instant, Instant)> {
        match self {
            Self::Stretching { from, .. } => from.bounds(),
            Self::Instant(_) | Self::Standing { .. } | Self::Between { .. } => None,
        }
    }

    /// Of a standing act, the bounds of an end that is not known better.
    pub fn end_bounds(self) -> Option<(Instant, Instant)> {
        match self {
            Self::Stretching { until, .. } => until.and_then(Edge::bounds),
            Self::Instant(_) | Self::Standing { .. } | Self::Between { .. } => None,
        }
    }

    /// Whether an instant of it is known by its bounds only.
    pub fn is_uncertain(self) -> bool {
        matches!(self, Self::Between { .. } | Self::Stretching { .. })
    }

    /// By when it surely had happened or begun.
    pub fn surely_begun(self) -> Instant {
        let bounds = self.bounds().or(self.begin_bounds());
        bounds.map_or(self.start(), |(_, latest)| latest)
    }

    /// The same, taken to be at this instant if it is an instant whose bounds admit it.
    #[must_use]
    pub fn placed_at(self, at: Instant) -> Self {
        match self {
            Self::Between { earliest, latest, .. } if earliest <= at && at <= latest => Self::Between {
                earliest,
                latest,
                placed: at,
            },
            Self::Instant(_) | Self::Standing { .. } | Self::Between { .. } | Self::Stretching { .. } => self,
        }
    }

    /// The same, if it stands taken to begin at this instant, as far as the bounds of its beginning admit that.
    #[must_use]
    pub fn begun_at(self, at: Instant) -> Self {
        match self {
            Self::Stretching { from, until } => Self::Stretching {
                from: from.placed_at(at),
                until,
            },
            Self::Instant(_) | Self::Standing { .. } | Self::Between { .. } => self,
        }
    }

    /// The same, if it stands taken to end at this instant, as far as the bounds of its end admit that.
    #[must_use]
    pub fn ended_at(self, at: Instant) -> Self {
        match self {
            Self::Stretching { from, until } => Self::Stretching {
                from,
                until: until.map(|end| end.placed_at(at)),
            },
            Self::Instant(_) | Self::Standing { .. } | Self::Between { .. } => self,
        }
    }

    /// Of a standing act, all the time that it is active.
    pub fn standing(self) -> Option<Stretch> {
        match self {
            Self::Standing { from, until } => Some((from, until)),
            Self::Stretching { from, until } => Some((from.placed, until.map(|end| end.placed))),
            Self::Instant(_) | Self::Between { .. } => None,
        }
    }

    /// Whether it takes place in the stretch, or is active at some instant of it.
    pub fn meets(self, (from, until): Stretch) -> bool {
        let begins = self.start();
        let is_begun = until.is_none_or(|until| begins < until);
        is_begun
            && match self.standing() {
                Some((_, stops)) => stops.is_none_or(|stops| from < stops),
                None => from <= begins,
            }
    }

    /// When it takes place or begins, or is taken to: acts are ordered by it.
    pub fn start(self) -> Instant {
        match self {
            Self::Instant(at) => at,
            Self::Standing { from, .. } => from,
            Self::Stretching { from, .. } => from.placed,
            Self::Between { placed, .. } => placed,
        }
    }
}

/// A stretch of time, `from` included and `until` excluded; without an end when there is no `until`. A stretch that
/// ends where it begins is that instant.
pub type Stretch = (Instant, Option<Instant>);

/// Whether the instant lies in the stretch.
pub fn covers((from, until): Stretch, at: Instant) -> bool {
    from == at || (from < at && until.is_none_or(|until| at < until))
}

/// The least list of stretches that covers the same time: sorted, what touches is joined.
pub fn joined(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_unstable_by_key(|(from, until)| (*from, until.is_none(), *until));
    let mut joined: Vec<Stretch> = Vec::new();
    for (from, until) in stretches {
        match joined.last_mut() {
            Some((_, last)) if last.is_none_or(|last| from <= last) => {
                *last = match (*last, until) {
                    (Some(last), Some(until)) => Some(last.max(until)),
                    (_, _) => None,
                };
            }
            Some(_) | None => joined.push((from, until)),
        }
    }
    joined
}

/// A length of time in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(i64);

impl Span {
    /// Reads a decimal number of hours, such as `24` or `0.5`, exactly to the microsecond.
    pub fn parse_hours(text: &str) -> Option<Self> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && part.is_empty()) || !plain(whole) || !plain(part) || part.len() > 12 {
            return None;
        }
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let mut micros = i128::from(whole) * i128::from(MICROS_PER_HOUR);
        if !part.is_empty() {
            let scale = 10_i128.pow(u32::try_from(part.len()).ok()?);
            micros += part.parse::<i128>().ok()? * i128::from(MICROS_PER_HOUR) / scale;
        }
        i64::try_from(sign * micros).ok().map(Self)
    }

    /// The time from `earlier` to `later`.
    pub fn between(earlier: Instant, later: Instant) -> Self {
        Self(later.0.saturating_sub(earlier.0))
    }

    /// `days` times 24 hours.
    pub fn days(days: i64) -> Self {
        Self(days.saturating_mul(24 * MICROS_PER_HOUR))
    }
}

/// Reads `YYYY-MM-DD`, and nothing else.
pub fn parse_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| {
            if i == 4 || i == 7 {
                *b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    if shape { text.parse().ok() } else { None }
}

/// The time zone of a fact set, from the bundled zone database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: Box<str>,
    zone: TimeZone,
}

impl Zone {
    /// The zone of this IANA name, such as `Asia/Shanghai`; `None` if the database has no such zone.
    pub fn named(name: &str) -> Option<Self> {
        let zone = TimeZone::get(name).ok().filter(|zone| !zone.is_unknown())?;
        // The database's own spelling, so that two spellings of one zone are the same header.
        let name = zone.iana_name().unwrap_or(name).into();
        Some(Self { name, zone })
    }

    /// The name it was asked for by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first instant of this local day.
    pub fn midnight(&self, day: Date) -> Instant {
        // A day skipped by the zone (Samoa, 2011-12-30) begins where the zone's own rule puts it.
        day.to_zoned(self.zone.clone())
            .map_or(Instant(i64::MAX), |z| Instant(z.timestamp().as_microsecond()))
    }

    /// The local day that contains the instant.
    pub fn day_of(&self, at: Instant) -> Date {
        at.timestamp().to_zoned(self.zone.clone()).date()
    }

    /// Prints the instant in this zone with its offset: `2024-05-01T00:00:00+08:00`.
    pub fn print(&self, at: Instant) -> String {
        let zoned = at.timestamp().to_zoned(self.zone.clone());
        let mut text = zoned.datetime().to_string();
        let seconds = zoned.offset().seconds();
        let (sign, rest) = if seconds < 0 {
            ('-', -seconds)
        } else {
            ('+', seconds)
        };
        let _ = write!(text, "{sign}{:02}:{:02}", rest / 3600, rest / 60 % 60);
        // Local mean times, before standard time, have odd offsets.
        if rest % 60 != 0 {
            let _ = write!(text, ":{:02}", rest % 60);
        }
        text
    }
}

impl Zone {
    /// Prints an instant of which the bounds are known, for people.
    pub fn tell_between(&self, (earliest, latest): (Instant, Instant)) -> String {
        format!("between {} and {}", self.print(earliest), self.print(latest))
    }

    /// Prints a stretch for people: `from … until …`, `from … on`, or the one instant that it is.
    pub fn tell(&self, (from, until): Stretch) -> String {
        let begins = self.print(from);
        match until {
            Some(until) if until == from => format!("on {begins}"),
            Some(until) => format!("from {begins} until {}", self.print(until)),
            None => format!("from {begins} on"),
        }
    }
}

/// Prints the instant in UTC: `2024-04-30T16:00:00Z`.
pub fn print_utc(at: Instant) -> String {
    at.timestamp().to_string()
}

/// Which days are worked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Days of the week that are not worked.
    pub weekend: Vec<Weekday>,
    /// Further days that are not worked.
    pub holidays: Vec<Date>,
    /// Days that are worked all the same; they win over both lists above.
    pub extra_workdays: Vec<Date>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            weekend: vec![Weekday::Saturday, Weekday::Sunday],
            holidays: Vec::new(),
            extra_workdays: Vec::new(),
        }
    }
}

impl Calendar {
    /// Whether this day is worked.
    pub fn is_working_day(&self, day: Date) -> bool {
        self.extra_workdays.contains(&day)
            || !(self.weekend.contains(&day.weekday()) || self.holidays.contains(&day))
    }

    /// The `count`-th working day after `day`, which itself does not count; `None` when there is none within
    /// ten years of days that could be worked (a calendar without working days).
    pub fn working_day_after(&self, day: Date, count: u32) -> Option<Date> {
        let mut current = day;
        let mut left = count;
        let mut idle_days = 0;
        while left > 0 {
            current = current.tomorrow().ok()?;
            if self.is_working_day(current) {
                left -= 1;
                idle_days = 0;
            } else {
                idle_days += 1;
                if idle_days > 3_660 {
                    return None;
                }
            }
        }
        Some(current)
    }
}

/// The instant before which somebody born on `born` is under `age` years old: local midnight of that
/// birthday. 29 February counts as 1 March in other years.
pub fn comes_of_age(born: Date, age: i16, zone: &Zone) -> Instant {
    let Some(year) = born.year().checked_add(age) else {
        return Instant(i64::MAX);
    };
    let birthday = Date::new(year, born.month(), born.day()).or_else(|_| Date::new(year, 3, 1));
    birthday.map_or(Instant(i64::MAX), |day| zone.midnight(day))
}

/// The day after this one; the last representable day stays itself.
pub fn day_after(day: Date) -> Date {
    day.checked_add(1.day()).unwrap_or(day)
}
