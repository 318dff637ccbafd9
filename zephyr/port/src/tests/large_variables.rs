//! What the variables are at first that take most memory.

#[cfg(feature = "firmware-management")]
use crate::files::Files;
use crate::{connect_thread::ConnectState, kernel::Locked};

/// Anything else would move all of one into flash, as the initial value of a variable.
#[test]
#[cfg_attr(miri, ignore = "it looks at padding")]
fn they_are_all_zeros() {
    fn look<T>(variable: &'static T) {
        // SAFETY: the program's image has every byte of a static, padding included.
        let bytes = unsafe {
            core::slice::from_raw_parts((&raw const *variable).cast::<u8>(), size_of::<T>())
        };
        assert!(
            bytes.iter().all(|&byte| byte == 0),
            "{}",
            core::any::type_name::<T>()
        );
    }
    static MEMORY: ocpp::station::Memory = ocpp::station::Memory::new();
    look(&MEMORY);
    static CONNECT_STATE: Locked<ConnectState> = Locked::new(ConnectState::new());
    look(&CONNECT_STATE);
    #[cfg(feature = "firmware-management")]
    {
        static FILES: Locked<Files> = Locked::new(Files::new());
        look(&FILES);
    }
}
