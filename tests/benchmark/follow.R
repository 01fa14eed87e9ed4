# R with data.table on the same outcome job: Rscript follow.R <folder>. All definitions at all horizons and the state of
# every month from the raw extracts, faults put right and not counted; joins and sums by group, no loop over persons.
suppressMessages(library(data.table))
setDTthreads(2)
folder <- commandArgs(TRUE)[1]
definitions <- fread(file.path(folder, "clean", "definitions.csv"))
amounts <- fread(file.path(folder, "clean", "amounts.csv"))
open <- as.IDate("2200-01-01")
data_end <- as.IDate("2023-11-30")
states <- c(HELT_LEDIG = 1L, TILTAK = 2L, NEDSATT_TILTAK = 3L, AAP = 4L, HELSE = 5L, KONTANT_OVERGANG = 6L)
codes <- c("21", "22", "32", "31", "33", "34")
files <- function(name) sort(Sys.glob(file.path(folder, "raw", paste0(name, "_[0-9]*.csv"))))
input <- function(path, columns) {
  fread(path, sep = ";", dec = ",", select = columns, colClasses = c(lopenr = "character"), na.strings = "")
}
clean <- function(name) {
  fread(file.path(folder, "clean", name), colClasses = c(person_id = "character", municipality = "character"))
}

# registers, faults put right
jobs <- rbindlist(lapply(files("ameld"), function(path) {
  unique(input(path, c("lopenr", "periode", "arbforhold", "arb_arbeidstid")), by = c("lopenr", "periode", "arbforhold"))
}))
jobs <- jobs[, .(hours = sum(arb_arbeidstid, na.rm = TRUE)), by = .(lopenr, periode)]
before <- rbindlist(lapply(files("atmlto"), input, c("lopenr", "arbforhold", "startdato", "stoppdato", "timer_uke")))
before[, `:=`(startdato = as.IDate(startdato), stoppdato = as.IDate(stoppdato))]
before <- unique(before[is.na(stoppdato) | stoppdato >= startdato], by = c("lopenr", "startdato", "arbforhold"))
before[is.na(stoppdato), stoppdato := as.IDate("2014-12-31")]
courses <- input(file.path(folder, "raw", "utdanning_kurs.csv"), c("lopenr", "nus2000", "fra_dato", "til_dato"))
courses[, `:=`(fra_dato = as.IDate(fra_dato), til_dato = as.IDate(til_dato))]
courses <- unique(courses[is.na(til_dato) | til_dato >= fra_dato])[is.na(til_dato), til_dato := open]
courses[, beyond := substr(sprintf("%06d", as.integer(nus2000)), 1, 1) %in% as.character(3:8)]
nav <- rbindlist(lapply(files("nav"), input, c("lopenr", "periode", "tilstand")))
nav[, state := states[tilstand]][, `:=`(idle = as.integer(state <= 2L), ill = as.integer(state %in% 3:5))]
nav <- nav[, .(state = min(state), idle = max(idle), ill = max(ill)), by = .(lopenr, periode)]
income <- input(file.path(folder, "raw", "inntekt.csv"), c("lopenr", "aar", "wyrkinnt", "sosialhjelp_mnd"))
income <- unique(income, by = c("lopenr", "aar"))[is.na(sosialhjelp_mnd), sosialhjelp_mnd := 0]
homes <- setnames(clean("residence.csv"), "person_id", "lopenr")
homes[, `:=`(first_date = as.IDate(first_date), last_date = as.IDate(last_date))][is.na(last_date), last_date := open]
setorder(homes, lopenr, first_date)
leavers <- setnames(clean("leavers.csv"), "person_id", "lopenr")[, end_date := as.IDate(end_date)]

# what the registers say at each moment of each person
look <- function(at) {
  at[, `:=`(row = .I, periode = year(day) * 100L + month(day), aar = year(day))]
  at[jobs, on = .(lopenr, periode), hours := i.hours]
  hit <- before[at[monday <= as.IDate("2014-12-31")], on = .(lopenr, startdato <= sunday, stoppdato >= monday),
    nomatch = NULL, .(row = i.row, timer_uke = x.timer_uke)]
  at[hit[, .(hours = sum(timer_uke, na.rm = TRUE)), by = row], on = .(row), hours := i.hours]
  hit <- courses[at, on = .(lopenr, fra_dato <= sunday, til_dato >= monday), nomatch = NULL,
    .(row = i.row, beyond = x.beyond)]
  at[, `:=`(course = FALSE, beyond = FALSE)]
  at[hit, on = .(row), course := TRUE]
  at[hit[beyond == TRUE], on = .(row), beyond := TRUE]
  at[nav, on = .(lopenr, periode), `:=`(state = i.state, idle = i.idle, ill = i.ill)]
  at[income, on = .(lopenr, aar), `:=`(earnings = i.wyrkinnt, assistance = i.sosialhjelp_mnd)]
  hit <- homes[at, on = .(lopenr, first_date <= day, last_date >= day), nomatch = NULL,
    .(row = i.row, place = x.municipality)]
  at[, here := FALSE]
  at[hit, on = .(row), `:=`(here = TRUE, place = i.place)]
}

week <- function(at) at[, monday := day - (wday(day) + 5L) %% 7L][, sunday := monday + 6L]
later <- function(day, months) {
  count <- year(day) * 12L + month(day) - 1L + months
  first <- as.IDate(sprintf("%d-%02d-01", count %/% 12L, count %% 12L + 1L))
  following <- as.IDate(sprintf("%d-%02d-01", (count + 1L) %/% 12L, (count + 1L) %% 12L + 1L))
  pmin(first + mday(day) - 1L, following - 1L)
}
facts <- list(
  november = look(week(leavers[, .(horizon = 1:10), by = .(lopenr, exit_year)][
    , day := as.IDate(sprintf("%d-11-16", exit_year + horizon))])),
  anniversary = look(leavers[, .(horizon = c(6L, 12L, 24L, 36L, 48L, 60L)), by = .(lopenr, end_date)][
    , day := later(end_date, horizon)][, `:=`(monday = day, sunday = day)])
)

judge <- function(at, block) {
  job <- !is.na(at$hours)
  employed <- job & round(at$hours, 2) >= block$min_hours
  student <- switch(block$education, any = at$course, beyond_compulsory = at$beyond, none = FALSE)
  status <- fcase(employed & student, "15", employed, "11", rep_len(student, nrow(at)), "05", !is.na(at$state),
    codes[at$state], at$assistance > 0, "35", job | at$course | !is.na(at$assistance), "80", default = "08")
  success <- status %in% c("11", "15", "05")
  if (!is.na(block$earnings_g)) {
    amount <- amounts$average[match(at$aar, amounts$year)]
    success <- fcoalesce(as.numeric(at$earnings), 0) >= block$earnings_g * amount
  }
  if (block$no_social_assistance) success <- success & !(at$assistance > 0 & !is.na(at$assistance))
  resident <- at$here & at$day <= data_end
  list(status = status, success = success & resident & !is.na(success), resident = resident)
}

rows <- lapply(definitions$definition, function(name) {
  block <- as.list(definitions[definition == name])
  if (block$moment == "exit") {
    cause <- c(work = "11", education = "05", missing = "08", auto_closed = "08")
    if (block$education == "none") cause["education"] <- "80"
    cause["compulsory_school"] <- if (block$education == "any") "05" else "80"
    status <- ifelse(leavers$end_cause == "", "08", fcoalesce(unname(cause[leavers$end_cause]), "80"))
    return(leavers[, .(person_id = lopenr, exit_year, municipality, definition = name, horizon = 0L, status = status,
      success = status %in% c("11", "15", "05"), in_denominator = TRUE)])
  }
  rbindlist(lapply(as.integer(strsplit(as.character(block$horizons), " ")[[1]]), function(h) {
    step <- if (block$moment == "november") 1L else 12L
    at <- facts[[block$moment]][horizon == h]
    own <- judge(at, block)
    status <- fifelse(own$resident, own$status, NA_character_)
    counted <- if (block$denominator == "all_leavers") at$day <= data_end else own$resident
    success <- own$success
    for (back in seq_len(block$novembers - 1L)) {
      if (h - back * step <= 0) {
        status <- NA_character_
        counted <- rep(FALSE, nrow(at))
        break
      }
      success <- success & judge(facts[[block$moment]][horizon == h - back * step], block)$success
    }
    place <- if (block$geography == "present") fifelse(own$resident, at$place, NA_character_) else leavers$municipality
    data.table(person_id = at$lopenr, exit_year = leavers$exit_year, municipality = place, definition = name,
      horizon = h, status = status, success = fifelse(counted, success, NA), in_denominator = counted)
  }))
})
fwrite(rbindlist(rows), file.path(folder, "answers", "data_table_outcomes.csv"))

months <- leavers[, .(after = 0:definitions$last[1]), by = .(lopenr, end_date)]
count <- year(months$end_date) * 12L + month(months$end_date) - 1L + months$after
months[, day := as.IDate(sprintf("%d-%02d-16", count %/% 12L, count %% 12L + 1L))]
months <- look(week(months))
dead <- homes[end_reason == "died", .(died = min(last_date)), by = lopenr]
months[dead, on = .(lopenr), died := i.died]
months[, found := fcase(
  day > data_end, -1L, !here & !is.na(died) & died < day, 8L, !here, 7L,
  !is.na(hours) & round(hours, 2) >= definitions$longer_hours[1], 0L, !is.na(hours), 1L, course, 2L,
  idle == 1L, 3L, ill == 1L, 4L, assistance > 0, 5L, default = 6L
)]
wide <- dcast(months, lopenr ~ after, value.var = "found")
setnames(wide, c("person_id", paste0("m", 0:definitions$last[1])))
fwrite(wide, file.path(folder, "answers", "data_table_states.csv"))
