-- Capture of every change, whoever writes. Derived from the field catalogue, version 1.
create trigger capture_insert after insert on profile.record
  referencing new table as new_rows for each statement execute function sync.capture_new(0);
create trigger capture_update after update on profile.record
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(0);
create trigger capture_delete after delete on profile.record
  referencing old table as old_rows for each statement execute function sync.capture_old(0);
create trigger capture_truncate after truncate on profile.record
  for each statement execute function sync.capture_all(0);
alter table profile.record enable always trigger capture_insert;
alter table profile.record enable always trigger capture_update;
alter table profile.record enable always trigger capture_delete;
alter table profile.record enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.org_unit
  referencing new table as new_rows for each statement execute function sync.capture_new(1);
create trigger capture_update after update on profile.org_unit
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(1);
create trigger capture_delete after delete on profile.org_unit
  referencing old table as old_rows for each statement execute function sync.capture_old(1);
create trigger capture_truncate after truncate on profile.org_unit
  for each statement execute function sync.capture_all(1);
alter table profile.org_unit enable always trigger capture_insert;
alter table profile.org_unit enable always trigger capture_update;
alter table profile.org_unit enable always trigger capture_delete;
alter table profile.org_unit enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.org_post
  referencing new table as new_rows for each statement execute function sync.capture_new(2);
create trigger capture_update after update on profile.org_post
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(2);
create trigger capture_delete after delete on profile.org_post
  referencing old table as old_rows for each statement execute function sync.capture_old(2);
create trigger capture_truncate after truncate on profile.org_post
  for each statement execute function sync.capture_all(2);
alter table profile.org_post enable always trigger capture_insert;
alter table profile.org_post enable always trigger capture_update;
alter table profile.org_post enable always trigger capture_delete;
alter table profile.org_post enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.identity
  referencing new table as new_rows for each statement execute function sync.capture_new(10);
create trigger capture_update after update on profile.identity
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(10);
create trigger capture_delete after delete on profile.identity
  referencing old table as old_rows for each statement execute function sync.capture_old(10);
create trigger capture_truncate after truncate on profile.identity
  for each statement execute function sync.capture_all(10);
alter table profile.identity enable always trigger capture_insert;
alter table profile.identity enable always trigger capture_update;
alter table profile.identity enable always trigger capture_delete;
alter table profile.identity enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.employment
  referencing new table as new_rows for each statement execute function sync.capture_new(11);
create trigger capture_update after update on profile.employment
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(11);
create trigger capture_delete after delete on profile.employment
  referencing old table as old_rows for each statement execute function sync.capture_old(11);
create trigger capture_truncate after truncate on profile.employment
  for each statement execute function sync.capture_all(11);
alter table profile.employment enable always trigger capture_insert;
alter table profile.employment enable always trigger capture_update;
alter table profile.employment enable always trigger capture_delete;
alter table profile.employment enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.id_paper
  referencing new table as new_rows for each statement execute function sync.capture_new(12);
create trigger capture_update after update on profile.id_paper
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(12);
create trigger capture_delete after delete on profile.id_paper
  referencing old table as old_rows for each statement execute function sync.capture_old(12);
create trigger capture_truncate after truncate on profile.id_paper
  for each statement execute function sync.capture_all(12);
alter table profile.id_paper enable always trigger capture_insert;
alter table profile.id_paper enable always trigger capture_update;
alter table profile.id_paper enable always trigger capture_delete;
alter table profile.id_paper enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.insurance
  referencing new table as new_rows for each statement execute function sync.capture_new(14);
create trigger capture_update after update on profile.insurance
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(14);
create trigger capture_delete after delete on profile.insurance
  referencing old table as old_rows for each statement execute function sync.capture_old(14);
create trigger capture_truncate after truncate on profile.insurance
  for each statement execute function sync.capture_all(14);
alter table profile.insurance enable always trigger capture_insert;
alter table profile.insurance enable always trigger capture_update;
alter table profile.insurance enable always trigger capture_delete;
alter table profile.insurance enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.origin
  referencing new table as new_rows for each statement execute function sync.capture_new(15);
create trigger capture_update after update on profile.origin
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(15);
create trigger capture_delete after delete on profile.origin
  referencing old table as old_rows for each statement execute function sync.capture_old(15);
create trigger capture_truncate after truncate on profile.origin
  for each statement execute function sync.capture_all(15);
alter table profile.origin enable always trigger capture_insert;
alter table profile.origin enable always trigger capture_update;
alter table profile.origin enable always trigger capture_delete;
alter table profile.origin enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.recruitment
  referencing new table as new_rows for each statement execute function sync.capture_new(16);
create trigger capture_update after update on profile.recruitment
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(16);
create trigger capture_delete after delete on profile.recruitment
  referencing old table as old_rows for each statement execute function sync.capture_old(16);
create trigger capture_truncate after truncate on profile.recruitment
  for each statement execute function sync.capture_all(16);
alter table profile.recruitment enable always trigger capture_insert;
alter table profile.recruitment enable always trigger capture_update;
alter table profile.recruitment enable always trigger capture_delete;
alter table profile.recruitment enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.party
  referencing new table as new_rows for each statement execute function sync.capture_new(17);
create trigger capture_update after update on profile.party
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(17);
create trigger capture_delete after delete on profile.party
  referencing old table as old_rows for each statement execute function sync.capture_old(17);
create trigger capture_truncate after truncate on profile.party
  for each statement execute function sync.capture_all(17);
alter table profile.party enable always trigger capture_insert;
alter table profile.party enable always trigger capture_update;
alter table profile.party enable always trigger capture_delete;
alter table profile.party enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.association
  referencing new table as new_rows for each statement execute function sync.capture_new(18);
create trigger capture_update after update on profile.association
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(18);
create trigger capture_delete after delete on profile.association
  referencing old table as old_rows for each statement execute function sync.capture_old(18);
create trigger capture_truncate after truncate on profile.association
  for each statement execute function sync.capture_all(18);
alter table profile.association enable always trigger capture_insert;
alter table profile.association enable always trigger capture_update;
alter table profile.association enable always trigger capture_delete;
alter table profile.association enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.military
  referencing new table as new_rows for each statement execute function sync.capture_new(19);
create trigger capture_update after update on profile.military
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(19);
create trigger capture_delete after delete on profile.military
  referencing old table as old_rows for each statement execute function sync.capture_old(19);
create trigger capture_truncate after truncate on profile.military
  for each statement execute function sync.capture_all(19);
alter table profile.military enable always trigger capture_insert;
alter table profile.military enable always trigger capture_update;
alter table profile.military enable always trigger capture_delete;
alter table profile.military enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.education
  referencing new table as new_rows for each statement execute function sync.capture_new(20);
create trigger capture_update after update on profile.education
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(20);
create trigger capture_delete after delete on profile.education
  referencing old table as old_rows for each statement execute function sync.capture_old(20);
create trigger capture_truncate after truncate on profile.education
  for each statement execute function sync.capture_all(20);
alter table profile.education enable always trigger capture_insert;
alter table profile.education enable always trigger capture_update;
alter table profile.education enable always trigger capture_delete;
alter table profile.education enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.position
  referencing new table as new_rows for each statement execute function sync.capture_new(21);
create trigger capture_update after update on profile.position
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(21);
create trigger capture_delete after delete on profile.position
  referencing old table as old_rows for each statement execute function sync.capture_old(21);
create trigger capture_truncate after truncate on profile.position
  for each statement execute function sync.capture_all(21);
alter table profile.position enable always trigger capture_insert;
alter table profile.position enable always trigger capture_update;
alter table profile.position enable always trigger capture_delete;
alter table profile.position enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.planning
  referencing new table as new_rows for each statement execute function sync.capture_new(22);
create trigger capture_update after update on profile.planning
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(22);
create trigger capture_delete after delete on profile.planning
  referencing old table as old_rows for each statement execute function sync.capture_old(22);
create trigger capture_truncate after truncate on profile.planning
  for each statement execute function sync.capture_all(22);
alter table profile.planning enable always trigger capture_insert;
alter table profile.planning enable always trigger capture_update;
alter table profile.planning enable always trigger capture_delete;
alter table profile.planning enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.salary
  referencing new table as new_rows for each statement execute function sync.capture_new(23);
create trigger capture_update after update on profile.salary
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(23);
create trigger capture_delete after delete on profile.salary
  referencing old table as old_rows for each statement execute function sync.capture_old(23);
create trigger capture_truncate after truncate on profile.salary
  for each statement execute function sync.capture_all(23);
alter table profile.salary enable always trigger capture_insert;
alter table profile.salary enable always trigger capture_update;
alter table profile.salary enable always trigger capture_delete;
alter table profile.salary enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.health
  referencing new table as new_rows for each statement execute function sync.capture_new(24);
create trigger capture_update after update on profile.health
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(24);
create trigger capture_delete after delete on profile.health
  referencing old table as old_rows for each statement execute function sync.capture_old(24);
create trigger capture_truncate after truncate on profile.health
  for each statement execute function sync.capture_all(24);
alter table profile.health enable always trigger capture_insert;
alter table profile.health enable always trigger capture_update;
alter table profile.health enable always trigger capture_delete;
alter table profile.health enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.training
  referencing new table as new_rows for each statement execute function sync.capture_new(30);
create trigger capture_update after update on profile.training
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(30);
create trigger capture_delete after delete on profile.training
  referencing old table as old_rows for each statement execute function sync.capture_old(30);
create trigger capture_truncate after truncate on profile.training
  for each statement execute function sync.capture_all(30);
alter table profile.training enable always trigger capture_insert;
alter table profile.training enable always trigger capture_update;
alter table profile.training enable always trigger capture_delete;
alter table profile.training enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.political_training
  referencing new table as new_rows for each statement execute function sync.capture_new(31);
create trigger capture_update after update on profile.political_training
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(31);
create trigger capture_delete after delete on profile.political_training
  referencing old table as old_rows for each statement execute function sync.capture_old(31);
create trigger capture_truncate after truncate on profile.political_training
  for each statement execute function sync.capture_all(31);
alter table profile.political_training enable always trigger capture_insert;
alter table profile.political_training enable always trigger capture_update;
alter table profile.political_training enable always trigger capture_delete;
alter table profile.political_training enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.state_management_training
  referencing new table as new_rows for each statement execute function sync.capture_new(32);
create trigger capture_update after update on profile.state_management_training
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(32);
create trigger capture_delete after delete on profile.state_management_training
  referencing old table as old_rows for each statement execute function sync.capture_old(32);
create trigger capture_truncate after truncate on profile.state_management_training
  for each statement execute function sync.capture_all(32);
alter table profile.state_management_training enable always trigger capture_insert;
alter table profile.state_management_training enable always trigger capture_update;
alter table profile.state_management_training enable always trigger capture_delete;
alter table profile.state_management_training enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.defence_training
  referencing new table as new_rows for each statement execute function sync.capture_new(33);
create trigger capture_update after update on profile.defence_training
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(33);
create trigger capture_delete after delete on profile.defence_training
  referencing old table as old_rows for each statement execute function sync.capture_old(33);
create trigger capture_truncate after truncate on profile.defence_training
  for each statement execute function sync.capture_all(33);
alter table profile.defence_training enable always trigger capture_insert;
alter table profile.defence_training enable always trigger capture_update;
alter table profile.defence_training enable always trigger capture_delete;
alter table profile.defence_training enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.it_training
  referencing new table as new_rows for each statement execute function sync.capture_new(34);
create trigger capture_update after update on profile.it_training
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(34);
create trigger capture_delete after delete on profile.it_training
  referencing old table as old_rows for each statement execute function sync.capture_old(34);
create trigger capture_truncate after truncate on profile.it_training
  for each statement execute function sync.capture_all(34);
alter table profile.it_training enable always trigger capture_insert;
alter table profile.it_training enable always trigger capture_update;
alter table profile.it_training enable always trigger capture_delete;
alter table profile.it_training enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.language_training
  referencing new table as new_rows for each statement execute function sync.capture_new(35);
create trigger capture_update after update on profile.language_training
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(35);
create trigger capture_delete after delete on profile.language_training
  referencing old table as old_rows for each statement execute function sync.capture_old(35);
create trigger capture_truncate after truncate on profile.language_training
  for each statement execute function sync.capture_all(35);
alter table profile.language_training enable always trigger capture_insert;
alter table profile.language_training enable always trigger capture_update;
alter table profile.language_training enable always trigger capture_delete;
alter table profile.language_training enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.work_history
  referencing new table as new_rows for each statement execute function sync.capture_new(40);
create trigger capture_update after update on profile.work_history
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(40);
create trigger capture_delete after delete on profile.work_history
  referencing old table as old_rows for each statement execute function sync.capture_old(40);
create trigger capture_truncate after truncate on profile.work_history
  for each statement execute function sync.capture_all(40);
alter table profile.work_history enable always trigger capture_insert;
alter table profile.work_history enable always trigger capture_update;
alter table profile.work_history enable always trigger capture_delete;
alter table profile.work_history enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.personal_history
  referencing new table as new_rows for each statement execute function sync.capture_new(41);
create trigger capture_update after update on profile.personal_history
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(41);
create trigger capture_delete after delete on profile.personal_history
  referencing old table as old_rows for each statement execute function sync.capture_old(41);
create trigger capture_truncate after truncate on profile.personal_history
  for each statement execute function sync.capture_all(41);
alter table profile.personal_history enable always trigger capture_insert;
alter table profile.personal_history enable always trigger capture_update;
alter table profile.personal_history enable always trigger capture_delete;
alter table profile.personal_history enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.reward
  referencing new table as new_rows for each statement execute function sync.capture_new(50);
create trigger capture_update after update on profile.reward
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(50);
create trigger capture_delete after delete on profile.reward
  referencing old table as old_rows for each statement execute function sync.capture_old(50);
create trigger capture_truncate after truncate on profile.reward
  for each statement execute function sync.capture_all(50);
alter table profile.reward enable always trigger capture_insert;
alter table profile.reward enable always trigger capture_update;
alter table profile.reward enable always trigger capture_delete;
alter table profile.reward enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.discipline
  referencing new table as new_rows for each statement execute function sync.capture_new(51);
create trigger capture_update after update on profile.discipline
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(51);
create trigger capture_delete after delete on profile.discipline
  referencing old table as old_rows for each statement execute function sync.capture_old(51);
create trigger capture_truncate after truncate on profile.discipline
  for each statement execute function sync.capture_all(51);
alter table profile.discipline enable always trigger capture_insert;
alter table profile.discipline enable always trigger capture_update;
alter table profile.discipline enable always trigger capture_delete;
alter table profile.discipline enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.family_own
  referencing new table as new_rows for each statement execute function sync.capture_new(60);
create trigger capture_update after update on profile.family_own
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(60);
create trigger capture_delete after delete on profile.family_own
  referencing old table as old_rows for each statement execute function sync.capture_old(60);
create trigger capture_truncate after truncate on profile.family_own
  for each statement execute function sync.capture_all(60);
alter table profile.family_own enable always trigger capture_insert;
alter table profile.family_own enable always trigger capture_update;
alter table profile.family_own enable always trigger capture_delete;
alter table profile.family_own enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.family_spouse
  referencing new table as new_rows for each statement execute function sync.capture_new(61);
create trigger capture_update after update on profile.family_spouse
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(61);
create trigger capture_delete after delete on profile.family_spouse
  referencing old table as old_rows for each statement execute function sync.capture_old(61);
create trigger capture_truncate after truncate on profile.family_spouse
  for each statement execute function sync.capture_all(61);
alter table profile.family_spouse enable always trigger capture_insert;
alter table profile.family_spouse enable always trigger capture_update;
alter table profile.family_spouse enable always trigger capture_delete;
alter table profile.family_spouse enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.salary_history
  referencing new table as new_rows for each statement execute function sync.capture_new(70);
create trigger capture_update after update on profile.salary_history
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(70);
create trigger capture_delete after delete on profile.salary_history
  referencing old table as old_rows for each statement execute function sync.capture_old(70);
create trigger capture_truncate after truncate on profile.salary_history
  for each statement execute function sync.capture_all(70);
alter table profile.salary_history enable always trigger capture_insert;
alter table profile.salary_history enable always trigger capture_update;
alter table profile.salary_history enable always trigger capture_delete;
alter table profile.salary_history enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.allowance_history
  referencing new table as new_rows for each statement execute function sync.capture_new(71);
create trigger capture_update after update on profile.allowance_history
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(71);
create trigger capture_delete after delete on profile.allowance_history
  referencing old table as old_rows for each statement execute function sync.capture_old(71);
create trigger capture_truncate after truncate on profile.allowance_history
  for each statement execute function sync.capture_all(71);
alter table profile.allowance_history enable always trigger capture_insert;
alter table profile.allowance_history enable always trigger capture_update;
alter table profile.allowance_history enable always trigger capture_delete;
alter table profile.allowance_history enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.income_assets
  referencing new table as new_rows for each statement execute function sync.capture_new(72);
create trigger capture_update after update on profile.income_assets
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(72);
create trigger capture_delete after delete on profile.income_assets
  referencing old table as old_rows for each statement execute function sync.capture_old(72);
create trigger capture_truncate after truncate on profile.income_assets
  for each statement execute function sync.capture_all(72);
alter table profile.income_assets enable always trigger capture_insert;
alter table profile.income_assets enable always trigger capture_update;
alter table profile.income_assets enable always trigger capture_delete;
alter table profile.income_assets enable always trigger capture_truncate;

create trigger capture_insert after insert on profile.evaluation
  referencing new table as new_rows for each statement execute function sync.capture_new(80);
create trigger capture_update after update on profile.evaluation
  referencing old table as old_rows new table as new_rows for each statement execute function sync.capture_both(80);
create trigger capture_delete after delete on profile.evaluation
  referencing old table as old_rows for each statement execute function sync.capture_old(80);
create trigger capture_truncate after truncate on profile.evaluation
  for each statement execute function sync.capture_all(80);
alter table profile.evaluation enable always trigger capture_insert;
alter table profile.evaluation enable always trigger capture_update;
alter table profile.evaluation enable always trigger capture_delete;
alter table profile.evaluation enable always trigger capture_truncate;
