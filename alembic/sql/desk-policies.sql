alter table name_letter enable row level security;
alter table name_letter force row level security;
create policy name_letter_view on name_letter for select using (true);
grant select on name_letter to portal_app;

alter table patient_word enable row level security;
alter table patient_word force row level security;
create policy patient_word_view on patient_word for select using (
  position(confidentiality in 'NRV') <= (select public.reach('view', 'profile'))
  or public.may('view', 'booking', patient_id, confidentiality)
  or public.may('view', 'profile', patient_id, confidentiality));
create policy patient_word_keep on patient_word for insert with check (
  (select public.actor_has('system') or public.actor_has('front_desk'))
  or public.may('act', 'profile', patient_id, confidentiality));
create policy patient_word_drop on patient_word for delete using (
  (select public.actor_has('system') or public.actor_has('front_desk'))
  or public.may('act', 'profile', patient_id, confidentiality));
grant select, insert, delete on patient_word to portal_app;

create function is_seen_cancelled(p_status text, p_location uuid, p_starts_at timestamptz) returns boolean
language sql stable parallel safe
  return p_status = 'cancelled' and p_location = any (public.actor_grantees()) and p_starts_at > now() - interval '1 day';

-- The same as before; for whoever acts for no chart, the rights that do not depend on the row are asked once instead of
-- for every chart.
drop policy patient_view on patient;
create policy patient_view on patient for select using (
  (case when (select public.actor_patient()) is null then position(confidentiality in 'NRV')
    <= (select greatest(public.reach('view', 'booking'), public.reach('view', 'profile'))) else false end)
  or public.may('view', 'booking', id, confidentiality) or public.may('view', 'profile', id, confidentiality)
  or exists (select from public.appointment a where a.patient_id = patient.id and public.is_seen_cancelled(
    a.status, a.location_id, a.starts_at)));

-- A cancelled visit stays on the day's page of those it was with, until that day is over: who it was, no more.
drop policy appointment_view on appointment;
create policy appointment_view on appointment for select
  using (public.may('view', 'booking', patient_id, confidentiality)
    or (confidentiality <> 'V' and public.is_seen_cancelled(status, location_id, starts_at)));

-- Whose chart it is: so that the front desk can tell somebody's e-mail address from their chart.
create policy access_grant_whose on access_grant for select
  using (basis = 'self' and (select public.actor_has('front_desk')));
