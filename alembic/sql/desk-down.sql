drop policy access_grant_whose on access_grant;
drop table registration, delay;
drop trigger slot_unblocked on slot;
drop trigger slot_blocked on slot;
drop policy slot_take on slot;
create policy slot_take on slot for insert with check ((select actor_person()) is not null
  and (status <> 'busy-unavailable' or (select actor_has('manager') or actor_has('system'))));
drop policy slot_release on slot;
create policy slot_release on slot for delete using (
  (status = 'busy-tentative' and held_until < now())
  or exists (select from appointment a
    where a.slot_id = slot.id and may('act', 'booking', a.patient_id, a.confidentiality))
  or (status = 'busy-unavailable' and (select actor_has('manager') or actor_has('system'))));
drop table blocked_time;
drop function announce_block();
drop trigger appointment_room_kept on appointment;
drop function give_up_room();
alter table appointment drop constraint appointment_room_once, drop constraint appointment_room;
alter table appointment drop column room_id;
drop table room;
drop policy patient_view on patient;
drop policy appointment_view on appointment;
create policy appointment_view on appointment for select
  using (may('view', 'booking', patient_id, confidentiality));
drop function is_seen_cancelled(text, uuid, timestamptz);
create policy patient_view on patient for select using (
  may('view', 'booking', id, confidentiality) or may('view', 'profile', id, confidentiality));
drop trigger patient_words_added on patient;
drop trigger patient_words_changed on patient;
drop table patient_word;
drop function keep_patient_words(), patient_words(text, text, date, text[]), wanted_words(text), name_words(text),
  name_sound(text), romanised(text), reach(text, text), works_here();
drop table name_letter;
alter table patient drop column phone, drop column phone_keys;
