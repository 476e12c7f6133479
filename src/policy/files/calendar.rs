//! Calendars.

use chrono::NaiveDate;

use crate::policy::decode::{Id, LocalizedText, Spanned};
use crate::{enumeration, record};

record! {
    /// Working days, desk hours and shifts.
    /// zh: 工作日、营业时间与班次。
    pub struct CalendarFile {
        /// The calendar's name.
        /// zh: 日历的名字。
        #[key = "calendar"]
        pub name: Spanned<Id>,
        /// The years it knows; a question beyond them is answered with a warning, never guessed.
        /// zh: 日历覆盖的日期；超出的日期会提示，不会猜。
        pub covers: DaysEntry,
        /// Weekdays that are worked.
        /// zh: 每周的工作日。
        pub working_week: Vec<Spanned<Weekday>>,
        /// Days off, whatever the weekday.
        /// zh: 放假的日子。
        pub holidays: Vec<HolidayEntry>,
        /// Days worked to make up for a holiday.
        /// zh: 调休上班的日子。
        pub make_up_days: Vec<Spanned<NaiveDate>>,
        /// When the desk is open.
        /// zh: 营业时间。
        pub hours: Vec<HoursEntry>,
        /// On which days the desk is open; on working days if this is not written.
        /// zh: 哪些天营业；不写就是工作日。
        pub open_on: Option<OpenOn>,
        /// Who is on duty when.
        /// zh: 班次。
        pub shifts: Vec<ShiftEntry>,
    }
}

record! {
    /// Days from the first to the last, both included.
    /// zh: 从第一天到最后一天，都含。
    pub struct DaysEntry {
        /// The first day.
        /// zh: 第一天。
        pub from: Spanned<NaiveDate>,
        /// The last day.
        /// zh: 最后一天。
        pub until: Spanned<NaiveDate>,
    }
}

record! {
    /// A holiday.
    /// zh: 一个假期。
    pub struct HolidayEntry {
        /// The first day.
        /// zh: 第一天。
        pub from: Spanned<NaiveDate>,
        /// The last day, included.
        /// zh: 最后一天（含）。
        pub until: Spanned<NaiveDate>,
        /// What it is called.
        /// zh: 假期名称。
        pub title: LocalizedText,
        /// Whether it has been announced.
        /// zh: 是否已经公布。
        pub status: HolidayStatus,
    }
}

enumeration! {
    /// Whether a holiday has been announced.
    /// zh: 假期是否已经公布。
    pub enum HolidayStatus {
        /// Announced.
        /// zh: 已公布。
        Official = "official",
        /// Not announced yet; the date is an estimate.
        /// zh: 尚未公布，日期是预计。
        Expected = "expected",
    }
}

record! {
    /// Opening hours.
    /// zh: 一段营业时间。
    pub struct HoursEntry {
        /// `08:00`
        /// zh: 开始，例如 `"08:00"`。
        pub from: Spanned<String>,
        /// `24:00` is midnight.
        /// zh: 结束；`"24:00"` 是午夜。
        pub until: Spanned<String>,
    }
}

record! {
    /// A shift.
    /// zh: 一个班次。
    pub struct ShiftEntry {
        /// The shift's name.
        /// zh: 班次的名字。
        pub id: Spanned<Id>,
        /// How people read it.
        /// zh: 给人看的名称。
        pub title: LocalizedText,
        /// `08:00`
        /// zh: 开始，例如 `"08:00"`。
        pub from: Spanned<String>,
        /// `24:00` is midnight.
        /// zh: 结束；`"24:00"` 是午夜。
        pub until: Spanned<String>,
    }
}

enumeration! {
    /// On which days a desk is open.
    /// zh: 哪些天营业。
    pub enum OpenOn {
        /// Every day of the year.
        /// zh: 每天。
        EveryDay = "every_day",
        /// On working days.
        /// zh: 只在工作日。
        WorkingDays = "working_days",
    }
}

enumeration! {
    /// A day of the week.
    /// zh: 星期几。
    pub enum Weekday {
        /// zh: 星期一
        Monday = "monday",
        /// zh: 星期二
        Tuesday = "tuesday",
        /// zh: 星期三
        Wednesday = "wednesday",
        /// zh: 星期四
        Thursday = "thursday",
        /// zh: 星期五
        Friday = "friday",
        /// zh: 星期六
        Saturday = "saturday",
        /// zh: 星期日
        Sunday = "sunday",
    }
}
