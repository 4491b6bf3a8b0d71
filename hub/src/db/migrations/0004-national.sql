-- The national subset of every unit. Derived from the field catalogue, version 1.
create schema national;

create table national.record (
  record_id uuid primary key,
  agency text not null references registry.unit,
  kind smallint not null,
  version bigint not null,
  seq bigint not null
);
create index record_agency_idx on national.record (agency, kind);

create table national.org_unit (
  record_id uuid not null,
  agency text not null,
  code text not null,
  name text not null,
  parent_code text,
  unit_type text,
  established_on catalogue.partial_date,
  closed_on catalogue.partial_date,
  primary key (record_id),
  foreign key (record_id) references national.record on delete cascade
);
create index org_unit_agency_idx on national.org_unit (agency);
comment on table national.org_unit is 'Cơ cấu tổ chức';
comment on column national.org_unit.code is 'Mã đơn vị';
comment on column national.org_unit.name is 'Tên đơn vị';
comment on column national.org_unit.parent_code is 'Mã đơn vị cấp trên';
comment on column national.org_unit.unit_type is 'Loại hình';
comment on column national.org_unit.established_on is 'Ngày thành lập';
comment on column national.org_unit.closed_on is 'Ngày giải thể';

create table national.org_post (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  agency text not null,
  year integer not null,
  post_kind text not null,
  assigned integer not null,
  primary key (record_id, ordinal),
  foreign key (record_id) references national.record on delete cascade
);
create index org_post_agency_idx on national.org_post (agency);
comment on table national.org_post is 'Biên chế giao';
comment on column national.org_post.year is 'Năm';
comment on column national.org_post.post_kind is 'Loại biên chế';
comment on column national.org_post.assigned is 'Số được giao';

create table national.identity (
  record_id uuid not null,
  agency text not null,
  pin text not null,
  full_name text not null,
  other_names text,
  birth_date catalogue.partial_date not null,
  sex text not null,
  ethnic_group text not null,
  religion text,
  birth_place text,
  birth_place_code text,
  home_town text,
  home_town_code text,
  primary key (record_id),
  foreign key (record_id) references national.record on delete cascade
);
create index identity_agency_idx on national.identity (agency);
comment on table national.identity is 'Nhân thân';
comment on column national.identity.pin is 'Số định danh cá nhân/CCCD';
comment on column national.identity.full_name is 'Họ và tên khai sinh';
comment on column national.identity.other_names is 'Tên gọi khác';
comment on column national.identity.birth_date is 'Ngày, tháng, năm sinh';
comment on column national.identity.sex is 'Giới tính';
comment on column national.identity.ethnic_group is 'Dân tộc';
comment on column national.identity.religion is 'Tôn giáo';
comment on column national.identity.birth_place is 'Nơi sinh';
comment on column national.identity.birth_place_code is 'Mã nơi sinh';
comment on column national.identity.home_town is 'Quê quán';
comment on column national.identity.home_town_code is 'Mã quê quán';

create table national.employment (
  record_id uuid not null,
  agency text not null,
  staff_number text,
  object_class text not null,
  employing_unit text not null,
  managing_unit text not null,
  status text not null,
  status_date catalogue.partial_date,
  status_decision text,
  primary key (record_id),
  foreign key (record_id) references national.record on delete cascade
);
create index employment_agency_idx on national.employment (agency);
comment on table national.employment is 'Quản lý hồ sơ';
comment on column national.employment.staff_number is 'Số hiệu CBCCVC';
comment on column national.employment.object_class is 'Loại hồ sơ';
comment on column national.employment.employing_unit is 'Mã đơn vị sử dụng';
comment on column national.employment.managing_unit is 'Mã đơn vị quản lý';
comment on column national.employment.status is 'Tình trạng hồ sơ';
comment on column national.employment.status_date is 'Ngày kết thúc công tác';
comment on column national.employment.status_decision is 'Quyết định kết thúc công tác';

create table national.insurance (
  record_id uuid not null,
  agency text not null,
  social_insurance_no text,
  health_card_no text,
  primary key (record_id),
  foreign key (record_id) references national.record on delete cascade
);
create index insurance_agency_idx on national.insurance (agency);
comment on table national.insurance is 'Bảo hiểm';
comment on column national.insurance.social_insurance_no is 'Số sổ BHXH';
comment on column national.insurance.health_card_no is 'Số thẻ BHYT';

create table national.origin (
  record_id uuid not null,
  agency text not null,
  family_origin text,
  prior_occupation text,
  policy_status text,
  primary key (record_id),
  foreign key (record_id) references national.record on delete cascade
);
create index origin_agency_idx on national.origin (agency);
comment on table national.origin is 'Xuất thân';
comment on column national.origin.family_origin is 'Thành phần gia đình xuất thân';
comment on column national.origin.prior_occupation is 'Nghề nghiệp trước khi tuyển dụng';
comment on column national.origin.policy_status is 'Đối tượng chính sách';

create table national.recruitment (
  record_id uuid not null,
  agency text not null,
  first_recruited_on catalogue.partial_date,
  recruiting_agency text,
  joined_agency_on catalogue.partial_date,
  recruiting_unit text,
  recruited_position text,
  primary key (record_id),
  foreign key (record_id) references national.record on delete cascade
);
create index recruitment_agency_idx on national.recruitment (agency);
comment on table national.recruitment is 'Tuyển dụng';
comment on column national.recruitment.first_recruited_on is 'Ngày được tuyển dụng lần đầu';
comment on column national.recruitment.recruiting_agency is 'Cơ quan tuyển dụng';
comment on column national.recruitment.joined_agency_on is 'Ngày vào cơ quan hiện nay';
comment on column national.recruitment.recruiting_unit is 'Mã cơ quan tuyển dụng';
comment on column national.recruitment.recruited_position is 'Vị trí tuyển dụng';

create table national.party (
  record_id uuid not null,
  agency text not null,
  admitted_on catalogue.partial_date,
  official_on catalogue.partial_date,
  card_no text,
  party_position text,
  primary key (record_id),
  foreign key (record_id) references national.record on delete cascade
);
create index party_agency_idx on national.party (agency);
comment on table national.party is 'Đảng Cộng sản Việt Nam';
comment on column national.party.admitted_on is 'Ngày vào Đảng';
comment on column national.party.official_on is 'Ngày vào Đảng chính thức';
comment on column national.party.card_no is 'Số thẻ đảng viên';
comment on column national.party.party_position is 'Chức vụ Đảng';

create table national.association (
  record_id uuid not null,
  agency text not null,
  first_joined_on catalogue.partial_date,
  organisation_name text,
  primary key (record_id),
  foreign key (record_id) references national.record on delete cascade
);
create index association_agency_idx on national.association (agency);
comment on table national.association is 'Tổ chức chính trị - xã hội';
comment on column national.association.first_joined_on is 'Ngày tham gia tổ chức CT-XH đầu tiên';
comment on column national.association.organisation_name is 'Tên tổ chức CT-XH đầu tiên';

create table national.military (
  record_id uuid not null,
  agency text not null,
  enlisted_on catalogue.partial_date,
  discharged_on catalogue.partial_date,
  highest_rank text,
  primary key (record_id),
  foreign key (record_id) references national.record on delete cascade
);
create index military_agency_idx on national.military (agency);
comment on table national.military is 'Lực lượng vũ trang';
comment on column national.military.enlisted_on is 'Ngày nhập ngũ';
comment on column national.military.discharged_on is 'Ngày xuất ngũ';
comment on column national.military.highest_rank is 'Quân hàm cao nhất';

create table national.education (
  record_id uuid not null,
  agency text not null,
  general_education text,
  highest_level text,
  academic_title text,
  academic_title_on catalogue.partial_date,
  degree text,
  degree_on catalogue.partial_date,
  state_honour text,
  political_theory text,
  state_management text,
  defence_security text,
  minority_language text,
  primary key (record_id),
  foreign key (record_id) references national.record on delete cascade
);
create index education_agency_idx on national.education (agency);
comment on table national.education is 'Trình độ';
comment on column national.education.general_education is 'Trình độ giáo dục phổ thông';
comment on column national.education.highest_level is 'Trình độ chuyên môn cao nhất';
comment on column national.education.academic_title is 'Học hàm';
comment on column national.education.academic_title_on is 'Ngày phong học hàm';
comment on column national.education.degree is 'Học vị';
comment on column national.education.degree_on is 'Ngày cấp học vị';
comment on column national.education.state_honour is 'Danh hiệu nhà nước phong tặng';
comment on column national.education.political_theory is 'Trình độ lý luận chính trị';
comment on column national.education.state_management is 'Trình độ quản lý nhà nước';
comment on column national.education.defence_security is 'Bồi dưỡng quốc phòng - an ninh';
comment on column national.education.minority_language is 'Tiếng dân tộc thiểu số';

create table national.position (
  record_id uuid not null,
  agency text not null,
  title text,
  title_code text,
  appointed_on catalogue.partial_date,
  reappointed_on catalogue.partial_date,
  concurrent_title text,
  main_work text,
  strengths text,
  job_position text,
  position_group text,
  elected_term text,
  primary key (record_id),
  foreign key (record_id) references national.record on delete cascade
);
create index position_agency_idx on national.position (agency);
comment on table national.position is 'Chức vụ, vị trí việc làm';
comment on column national.position.title is 'Chức vụ hiện tại';
comment on column national.position.title_code is 'Mã chức vụ';
comment on column national.position.appointed_on is 'Ngày bổ nhiệm';
comment on column national.position.reappointed_on is 'Ngày bổ nhiệm lại';
comment on column national.position.concurrent_title is 'Chức vụ kiêm nhiệm';
comment on column national.position.main_work is 'Công việc chính được giao';
comment on column national.position.strengths is 'Sở trường công tác';
comment on column national.position.job_position is 'Vị trí việc làm';
comment on column national.position.position_group is 'Nhóm vị trí việc làm';
comment on column national.position.elected_term is 'Nhiệm kỳ cán bộ chuyên trách';

create table national.salary (
  record_id uuid not null,
  agency text not null,
  rank_name text,
  rank_code text,
  rank_since catalogue.partial_date,
  step integer,
  coefficient numeric(4, 2),
  step_since catalogue.partial_date,
  percent_paid numeric(5, 2),
  over_scale_percent numeric(5, 2),
  position_allowance numeric(5, 2),
  concurrent_allowance numeric(5, 2),
  other_allowance numeric(5, 2),
  step_until catalogue.partial_date,
  primary key (record_id),
  foreign key (record_id) references national.record on delete cascade
);
create index salary_agency_idx on national.salary (agency);
comment on table national.salary is 'Ngạch, lương, phụ cấp';
comment on column national.salary.rank_name is 'Tên ngạch / chức danh nghề nghiệp';
comment on column national.salary.rank_code is 'Mã ngạch / mã số CDNN';
comment on column national.salary.rank_since is 'Ngày bổ nhiệm ngạch';
comment on column national.salary.step is 'Bậc lương';
comment on column national.salary.coefficient is 'Hệ số lương';
comment on column national.salary.step_since is 'Ngày hưởng bậc';
comment on column national.salary.percent_paid is 'Phần trăm hưởng';
comment on column national.salary.over_scale_percent is 'Thâm niên vượt khung (%)';
comment on column national.salary.position_allowance is 'Phụ cấp chức vụ';
comment on column national.salary.concurrent_allowance is 'Phụ cấp kiêm nhiệm';
comment on column national.salary.other_allowance is 'Phụ cấp khác';
comment on column national.salary.step_until is 'Ngày hết hưởng bậc';

create table national.training (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  agency text not null,
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  institution text,
  field_of_study text,
  form text,
  qualification text,
  level text,
  grade text,
  country text,
  primary key (record_id, ordinal),
  foreign key (record_id) references national.record on delete cascade
);
create index training_agency_idx on national.training (agency);
comment on table national.training is 'Đào tạo chuyên môn';
comment on column national.training.from_date is 'Từ';
comment on column national.training.to_date is 'Đến';
comment on column national.training.institution is 'Cơ sở đào tạo';
comment on column national.training.field_of_study is 'Chuyên ngành đào tạo';
comment on column national.training.form is 'Hình thức đào tạo';
comment on column national.training.qualification is 'Văn bằng, trình độ';
comment on column national.training.level is 'Trình độ đào tạo';
comment on column national.training.grade is 'Xếp loại tốt nghiệp';
comment on column national.training.country is 'Nước đào tạo';

create table national.political_training (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  agency text not null,
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  institution text,
  form text,
  level text,
  primary key (record_id, ordinal),
  foreign key (record_id) references national.record on delete cascade
);
create index political_training_agency_idx on national.political_training (agency);
comment on table national.political_training is 'Lý luận chính trị';
comment on column national.political_training.from_date is 'Từ';
comment on column national.political_training.to_date is 'Đến';
comment on column national.political_training.institution is 'Cơ sở đào tạo';
comment on column national.political_training.form is 'Hình thức';
comment on column national.political_training.level is 'Văn bằng được cấp';

create table national.state_management_training (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  agency text not null,
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  institution text,
  certificate text,
  primary key (record_id, ordinal),
  foreign key (record_id) references national.record on delete cascade
);
create index state_management_training_agency_idx on national.state_management_training (agency);
comment on table national.state_management_training is 'Bồi dưỡng quản lý nhà nước';
comment on column national.state_management_training.from_date is 'Từ';
comment on column national.state_management_training.to_date is 'Đến';
comment on column national.state_management_training.institution is 'Cơ sở đào tạo';
comment on column national.state_management_training.certificate is 'Chứng chỉ được cấp';

create table national.defence_training (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  agency text not null,
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  institution text,
  certificate text,
  primary key (record_id, ordinal),
  foreign key (record_id) references national.record on delete cascade
);
create index defence_training_agency_idx on national.defence_training (agency);
comment on table national.defence_training is 'Bồi dưỡng quốc phòng - an ninh';
comment on column national.defence_training.from_date is 'Từ';
comment on column national.defence_training.to_date is 'Đến';
comment on column national.defence_training.institution is 'Cơ sở đào tạo';
comment on column national.defence_training.certificate is 'Chứng chỉ được cấp';

create table national.it_training (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  agency text not null,
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  institution text,
  certificate text,
  primary key (record_id, ordinal),
  foreign key (record_id) references national.record on delete cascade
);
create index it_training_agency_idx on national.it_training (agency);
comment on table national.it_training is 'Tin học';
comment on column national.it_training.from_date is 'Từ';
comment on column national.it_training.to_date is 'Đến';
comment on column national.it_training.institution is 'Cơ sở đào tạo';
comment on column national.it_training.certificate is 'Chứng chỉ được cấp';

create table national.language_training (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  agency text not null,
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  institution text,
  language text,
  level text,
  score numeric(6, 2),
  primary key (record_id, ordinal),
  foreign key (record_id) references national.record on delete cascade
);
create index language_training_agency_idx on national.language_training (agency);
comment on table national.language_training is 'Ngoại ngữ, tiếng dân tộc';
comment on column national.language_training.from_date is 'Từ';
comment on column national.language_training.to_date is 'Đến';
comment on column national.language_training.institution is 'Cơ sở đào tạo';
comment on column national.language_training.language is 'Tên ngoại ngữ / tiếng dân tộc';
comment on column national.language_training.level is 'Chứng chỉ được cấp';
comment on column national.language_training.score is 'Điểm số';

create table national.work_history (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  agency text not null,
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  unit_name text,
  position text,
  unit_code text,
  primary key (record_id, ordinal),
  foreign key (record_id) references national.record on delete cascade
);
create index work_history_agency_idx on national.work_history (agency);
comment on table national.work_history is 'Quá trình công tác';
comment on column national.work_history.from_date is 'Từ tháng/năm';
comment on column national.work_history.to_date is 'Đến tháng/năm';
comment on column national.work_history.unit_name is 'Cơ quan, đơn vị';
comment on column national.work_history.position is 'Chức vụ/Vị trí việc làm';
comment on column national.work_history.unit_code is 'Mã cơ quan, đơn vị';

create table national.reward (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  agency text not null,
  year integer not null,
  grading text,
  emulation text,
  form text,
  primary key (record_id, ordinal),
  foreign key (record_id) references national.record on delete cascade
);
create index reward_agency_idx on national.reward (agency);
comment on table national.reward is 'Khen thưởng';
comment on column national.reward.year is 'Năm';
comment on column national.reward.grading is 'Xếp loại chuyên môn';
comment on column national.reward.emulation is 'Xếp loại thi đua';
comment on column national.reward.form is 'Hình thức khen thưởng';

create table national.discipline (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  agency text not null,
  from_date catalogue.partial_date not null,
  to_date catalogue.partial_date,
  form text not null,
  violation text,
  decided_by text,
  primary key (record_id, ordinal),
  foreign key (record_id) references national.record on delete cascade
);
create index discipline_agency_idx on national.discipline (agency);
comment on table national.discipline is 'Kỷ luật';
comment on column national.discipline.from_date is 'Từ ngày';
comment on column national.discipline.to_date is 'Đến ngày';
comment on column national.discipline.form is 'Hình thức kỷ luật';
comment on column national.discipline.violation is 'Hành vi vi phạm chính';
comment on column national.discipline.decided_by is 'Cơ quan quyết định';

create table national.salary_history (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  agency text not null,
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  rank_code text,
  step integer,
  coefficient numeric(4, 2),
  percent_paid numeric(5, 2),
  primary key (record_id, ordinal),
  foreign key (record_id) references national.record on delete cascade
);
create index salary_history_agency_idx on national.salary_history (agency);
comment on table national.salary_history is 'Quá trình lương';
comment on column national.salary_history.from_date is 'Từ ngày';
comment on column national.salary_history.to_date is 'Đến ngày';
comment on column national.salary_history.rank_code is 'Mã ngạch';
comment on column national.salary_history.step is 'Bậc';
comment on column national.salary_history.coefficient is 'Hệ số';
comment on column national.salary_history.percent_paid is 'Phần trăm hưởng';

create table national.allowance_history (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  agency text not null,
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  allowance_kind text,
  coefficient numeric(5, 2),
  percent numeric(5, 2),
  amount numeric(14, 0),
  payment_form text,
  primary key (record_id, ordinal),
  foreign key (record_id) references national.record on delete cascade
);
create index allowance_history_agency_idx on national.allowance_history (agency);
comment on table national.allowance_history is 'Quá trình phụ cấp';
comment on column national.allowance_history.from_date is 'Từ ngày';
comment on column national.allowance_history.to_date is 'Đến ngày';
comment on column national.allowance_history.allowance_kind is 'Loại phụ cấp';
comment on column national.allowance_history.coefficient is 'Hệ số';
comment on column national.allowance_history.percent is 'Phần trăm hưởng phụ cấp';
comment on column national.allowance_history.amount is 'Giá trị';
comment on column national.allowance_history.payment_form is 'Hình thức hưởng';

create table national.evaluation (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  agency text not null,
  year integer not null,
  grade text,
  authority text,
  comments text,
  primary key (record_id, ordinal),
  foreign key (record_id) references national.record on delete cascade
);
create index evaluation_agency_idx on national.evaluation (agency);
comment on table national.evaluation is 'Nhận xét, đánh giá';
comment on column national.evaluation.year is 'Năm đánh giá';
comment on column national.evaluation.grade is 'Kết quả đánh giá';
comment on column national.evaluation.authority is 'Thẩm quyền đánh giá';
comment on column national.evaluation.comments is 'Nhận xét';

-- sealed sections: ciphertext only (base64), one row a record and section
create table national.sealed (
  record_id uuid not null references national.record on delete cascade,
  section smallint not null,
  agency text not null,
  payload text not null,
  primary key (record_id, section)
);
create index sealed_agency_idx on national.sealed (agency);

create unique index org_unit_code_idx on national.org_unit (agency, code);
create index employment_employing_unit_idx on national.employment (agency, employing_unit);

create trigger digest_insert after insert on national.record
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.record
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.record
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.record
  for each statement execute function sync.mark_all();
alter table national.record enable always trigger digest_insert;
alter table national.record enable always trigger digest_update;
alter table national.record enable always trigger digest_delete;
alter table national.record enable always trigger digest_truncate;

create trigger digest_insert after insert on national.org_unit
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.org_unit
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.org_unit
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.org_unit
  for each statement execute function sync.mark_all();
alter table national.org_unit enable always trigger digest_insert;
alter table national.org_unit enable always trigger digest_update;
alter table national.org_unit enable always trigger digest_delete;
alter table national.org_unit enable always trigger digest_truncate;

create trigger digest_insert after insert on national.org_post
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.org_post
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.org_post
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.org_post
  for each statement execute function sync.mark_all();
alter table national.org_post enable always trigger digest_insert;
alter table national.org_post enable always trigger digest_update;
alter table national.org_post enable always trigger digest_delete;
alter table national.org_post enable always trigger digest_truncate;

create trigger digest_insert after insert on national.identity
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.identity
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.identity
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.identity
  for each statement execute function sync.mark_all();
alter table national.identity enable always trigger digest_insert;
alter table national.identity enable always trigger digest_update;
alter table national.identity enable always trigger digest_delete;
alter table national.identity enable always trigger digest_truncate;

create trigger digest_insert after insert on national.employment
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.employment
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.employment
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.employment
  for each statement execute function sync.mark_all();
alter table national.employment enable always trigger digest_insert;
alter table national.employment enable always trigger digest_update;
alter table national.employment enable always trigger digest_delete;
alter table national.employment enable always trigger digest_truncate;

create trigger digest_insert after insert on national.insurance
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.insurance
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.insurance
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.insurance
  for each statement execute function sync.mark_all();
alter table national.insurance enable always trigger digest_insert;
alter table national.insurance enable always trigger digest_update;
alter table national.insurance enable always trigger digest_delete;
alter table national.insurance enable always trigger digest_truncate;

create trigger digest_insert after insert on national.origin
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.origin
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.origin
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.origin
  for each statement execute function sync.mark_all();
alter table national.origin enable always trigger digest_insert;
alter table national.origin enable always trigger digest_update;
alter table national.origin enable always trigger digest_delete;
alter table national.origin enable always trigger digest_truncate;

create trigger digest_insert after insert on national.recruitment
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.recruitment
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.recruitment
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.recruitment
  for each statement execute function sync.mark_all();
alter table national.recruitment enable always trigger digest_insert;
alter table national.recruitment enable always trigger digest_update;
alter table national.recruitment enable always trigger digest_delete;
alter table national.recruitment enable always trigger digest_truncate;

create trigger digest_insert after insert on national.party
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.party
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.party
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.party
  for each statement execute function sync.mark_all();
alter table national.party enable always trigger digest_insert;
alter table national.party enable always trigger digest_update;
alter table national.party enable always trigger digest_delete;
alter table national.party enable always trigger digest_truncate;

create trigger digest_insert after insert on national.association
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.association
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.association
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.association
  for each statement execute function sync.mark_all();
alter table national.association enable always trigger digest_insert;
alter table national.association enable always trigger digest_update;
alter table national.association enable always trigger digest_delete;
alter table national.association enable always trigger digest_truncate;

create trigger digest_insert after insert on national.military
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.military
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.military
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.military
  for each statement execute function sync.mark_all();
alter table national.military enable always trigger digest_insert;
alter table national.military enable always trigger digest_update;
alter table national.military enable always trigger digest_delete;
alter table national.military enable always trigger digest_truncate;

create trigger digest_insert after insert on national.education
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.education
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.education
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.education
  for each statement execute function sync.mark_all();
alter table national.education enable always trigger digest_insert;
alter table national.education enable always trigger digest_update;
alter table national.education enable always trigger digest_delete;
alter table national.education enable always trigger digest_truncate;

create trigger digest_insert after insert on national.position
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.position
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.position
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.position
  for each statement execute function sync.mark_all();
alter table national.position enable always trigger digest_insert;
alter table national.position enable always trigger digest_update;
alter table national.position enable always trigger digest_delete;
alter table national.position enable always trigger digest_truncate;

create trigger digest_insert after insert on national.salary
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.salary
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.salary
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.salary
  for each statement execute function sync.mark_all();
alter table national.salary enable always trigger digest_insert;
alter table national.salary enable always trigger digest_update;
alter table national.salary enable always trigger digest_delete;
alter table national.salary enable always trigger digest_truncate;

create trigger digest_insert after insert on national.training
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.training
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.training
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.training
  for each statement execute function sync.mark_all();
alter table national.training enable always trigger digest_insert;
alter table national.training enable always trigger digest_update;
alter table national.training enable always trigger digest_delete;
alter table national.training enable always trigger digest_truncate;

create trigger digest_insert after insert on national.political_training
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.political_training
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.political_training
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.political_training
  for each statement execute function sync.mark_all();
alter table national.political_training enable always trigger digest_insert;
alter table national.political_training enable always trigger digest_update;
alter table national.political_training enable always trigger digest_delete;
alter table national.political_training enable always trigger digest_truncate;

create trigger digest_insert after insert on national.state_management_training
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.state_management_training
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.state_management_training
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.state_management_training
  for each statement execute function sync.mark_all();
alter table national.state_management_training enable always trigger digest_insert;
alter table national.state_management_training enable always trigger digest_update;
alter table national.state_management_training enable always trigger digest_delete;
alter table national.state_management_training enable always trigger digest_truncate;

create trigger digest_insert after insert on national.defence_training
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.defence_training
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.defence_training
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.defence_training
  for each statement execute function sync.mark_all();
alter table national.defence_training enable always trigger digest_insert;
alter table national.defence_training enable always trigger digest_update;
alter table national.defence_training enable always trigger digest_delete;
alter table national.defence_training enable always trigger digest_truncate;

create trigger digest_insert after insert on national.it_training
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.it_training
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.it_training
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.it_training
  for each statement execute function sync.mark_all();
alter table national.it_training enable always trigger digest_insert;
alter table national.it_training enable always trigger digest_update;
alter table national.it_training enable always trigger digest_delete;
alter table national.it_training enable always trigger digest_truncate;

create trigger digest_insert after insert on national.language_training
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.language_training
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.language_training
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.language_training
  for each statement execute function sync.mark_all();
alter table national.language_training enable always trigger digest_insert;
alter table national.language_training enable always trigger digest_update;
alter table national.language_training enable always trigger digest_delete;
alter table national.language_training enable always trigger digest_truncate;

create trigger digest_insert after insert on national.work_history
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.work_history
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.work_history
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.work_history
  for each statement execute function sync.mark_all();
alter table national.work_history enable always trigger digest_insert;
alter table national.work_history enable always trigger digest_update;
alter table national.work_history enable always trigger digest_delete;
alter table national.work_history enable always trigger digest_truncate;

create trigger digest_insert after insert on national.reward
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.reward
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.reward
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.reward
  for each statement execute function sync.mark_all();
alter table national.reward enable always trigger digest_insert;
alter table national.reward enable always trigger digest_update;
alter table national.reward enable always trigger digest_delete;
alter table national.reward enable always trigger digest_truncate;

create trigger digest_insert after insert on national.discipline
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.discipline
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.discipline
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.discipline
  for each statement execute function sync.mark_all();
alter table national.discipline enable always trigger digest_insert;
alter table national.discipline enable always trigger digest_update;
alter table national.discipline enable always trigger digest_delete;
alter table national.discipline enable always trigger digest_truncate;

create trigger digest_insert after insert on national.salary_history
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.salary_history
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.salary_history
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.salary_history
  for each statement execute function sync.mark_all();
alter table national.salary_history enable always trigger digest_insert;
alter table national.salary_history enable always trigger digest_update;
alter table national.salary_history enable always trigger digest_delete;
alter table national.salary_history enable always trigger digest_truncate;

create trigger digest_insert after insert on national.allowance_history
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.allowance_history
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.allowance_history
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.allowance_history
  for each statement execute function sync.mark_all();
alter table national.allowance_history enable always trigger digest_insert;
alter table national.allowance_history enable always trigger digest_update;
alter table national.allowance_history enable always trigger digest_delete;
alter table national.allowance_history enable always trigger digest_truncate;

create trigger digest_insert after insert on national.evaluation
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.evaluation
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.evaluation
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.evaluation
  for each statement execute function sync.mark_all();
alter table national.evaluation enable always trigger digest_insert;
alter table national.evaluation enable always trigger digest_update;
alter table national.evaluation enable always trigger digest_delete;
alter table national.evaluation enable always trigger digest_truncate;

create trigger digest_insert after insert on national.sealed
  referencing new table as new_rows for each statement execute function sync.mark_new();
create trigger digest_update after update on national.sealed
  referencing old table as old_rows new table as new_rows for each statement execute function sync.mark_both();
create trigger digest_delete after delete on national.sealed
  referencing old table as old_rows for each statement execute function sync.mark_old();
create trigger digest_truncate after truncate on national.sealed
  for each statement execute function sync.mark_all();
alter table national.sealed enable always trigger digest_insert;
alter table national.sealed enable always trigger digest_update;
alter table national.sealed enable always trigger digest_delete;
alter table national.sealed enable always trigger digest_truncate;
