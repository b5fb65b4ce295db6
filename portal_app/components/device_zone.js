// Where this device's clock stands: shown beside its session, so that people tell their own devices from others'.
document.cookie = "sala-zone=" + (Intl.DateTimeFormat().resolvedOptions().timeZone || "") +
  "; Path=/; Secure; SameSite=Lax; Max-Age=31536000";
