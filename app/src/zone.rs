//! Instants in the zone that people think of them in. The server asks its own time-zone table, the browser asks
//! `Intl`, which knows the same zones and weighs nothing.

pub use imp::local;

#[cfg(feature = "ssr")]
mod imp {
    use chrono::{DateTime, Utc};
    use chrono_tz::Tz;

    /// `Mon 08:00 Europe/Berlin`; in UTC when the zone is not known.
    pub fn local(at: DateTime<Utc>, zone: &str) -> String {
        match zone.parse::<Tz>() {
            Ok(tz) => format!("{} {zone}", at.with_timezone(&tz).format("%a %H:%M")),
            Err(_) => format!("{} UTC", at.format("%a %H:%M")),
        }
    }
}

#[cfg(not(feature = "ssr"))]
mod imp {
    use chrono::{DateTime, Utc};
    use js_sys::{Array, Date, Function, Intl::DateTimeFormat, Object, Reflect};
    use wasm_bindgen::{JsCast, JsValue};

    /// `Mon 08:00 Europe/Berlin`; in UTC when the zone is not known.
    pub fn local(at: DateTime<Utc>, zone: &str) -> String {
        formatted(at, zone)
            .map(|text| format!("{text} {zone}"))
            .unwrap_or_else(|_| format!("{} UTC", crate::component::time::full(at)))
    }

    fn formatted(at: DateTime<Utc>, zone: &str) -> Result<String, JsValue> {
        let options = Object::new();
        for (key, value) in [
            ("timeZone", zone),
            ("weekday", "short"),
            ("hour", "2-digit"),
            ("minute", "2-digit"),
            ("hourCycle", "h23"),
        ] {
            Reflect::set(&options, &key.into(), &value.into())?;
        }
        // An unknown zone throws, which only a constructor called through `Reflect` hands back as an error.
        let intl = Reflect::get(&js_sys::global(), &"Intl".into())?;
        let constructor: Function = Reflect::get(&intl, &"DateTimeFormat".into())?.dyn_into()?;
        let arguments = Array::of2(&"en-US".into(), &options);
        let format: DateTimeFormat = Reflect::construct(&constructor, &arguments)?.unchecked_into();
        let date = Date::new(&(at.timestamp_millis() as f64).into());
        let text = format.format().call1(&JsValue::UNDEFINED, &date)?;
        Ok(text.as_string().unwrap_or_default())
    }
}
