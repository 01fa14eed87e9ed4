# R with data.table from the raw extracts: Rscript outcomes.R <folder>. The official definition only.
suppressMessages(library(data.table))
setDTthreads(2)
folder <- commandArgs(TRUE)[1]
states <- c(HELT_LEDIG = 1L, TILTAK = 2L, NEDSATT_TILTAK = 3L, AAP = 4L, HELSE = 5L, KONTANT_OVERGANG = 6L)
codes <- c("21", "22", "32", "31", "33", "34")
files <- function(name) sort(Sys.glob(file.path(folder, "raw", paste0(name, "_[0-9]*.csv"))))
input <- function(path, columns) {
  fread(path, sep = ";", dec = ",", select = columns, colClasses = c(lopenr = "character"), na.strings = "")
}

leavers <- fread(file.path(folder, "clean", "leavers.csv"), colClasses = c(person_id = "character"))
at <- leavers[, .(horizon = 1:10), by = .(lopenr = person_id, exit_year)][, year := exit_year + horizon][year <= 2023]
at[, day := as.IDate(sprintf("%d-11-16", year))]
at[, monday := day - (wday(day) + 5L) %% 7L][, sunday := monday + 6L]
at[, periode := year * 100L + 11L]

residence <- fread(file.path(folder, "clean", "residence.csv"), colClasses = c(person_id = "character"))
setnames(residence, "person_id", "lopenr")
residence[, first_date := as.IDate(first_date)][, last_date := as.IDate(last_date)]
residence[is.na(last_date), last_date := as.IDate("2200-01-01")]
at[, here := FALSE]
at[residence, on = .(lopenr, day >= first_date, day <= last_date), here := TRUE]
at <- at[here == TRUE]

monthly <- rbindlist(lapply(files("ameld"), input, c("lopenr", "periode", "arb_arbeidstid")))
at[, job := FALSE]
at[monthly[periode %% 100L == 11L], on = .(lopenr, periode), job := TRUE]
rm(monthly)
spells <- rbindlist(lapply(files("atmlto"), function(path) {
  rows <- input(path, c("lopenr", "startdato", "stoppdato"))
  rows[, `:=`(startdato = as.IDate(startdato), stoppdato = as.IDate(stoppdato))]
  rows[is.na(stoppdato), stoppdato := as.IDate("2014-12-31")][stoppdato >= startdato]
}))
at[spells, on = .(lopenr, monday <= stoppdato, sunday >= startdato), job := TRUE]

courses <- input(file.path(folder, "raw", "utdanning_kurs.csv"), c("lopenr", "fra_dato", "til_dato"))
courses[, `:=`(fra_dato = as.IDate(fra_dato), til_dato = as.IDate(til_dato))]
courses <- courses[is.na(til_dato), til_dato := as.IDate("2200-01-01")][til_dato >= fra_dato]
at[, course := FALSE]
at[courses, on = .(lopenr, monday <= til_dato, sunday >= fra_dato), course := TRUE]

nav <- rbindlist(lapply(files("nav"), input, c("lopenr", "periode", "tilstand")))
nav <- nav[periode %% 100L == 11L][, state := states[tilstand]][, .(state = min(state)), by = .(lopenr, periode)]
at[nav, on = .(lopenr, periode), state := i.state]
income <- input(file.path(folder, "raw", "inntekt.csv"), c("lopenr", "aar", "sosialhjelp_mnd"))
income[is.na(sosialhjelp_mnd), sosialhjelp_mnd := 0]
income <- income[, .(months = max(sosialhjelp_mnd)), by = .(lopenr, year = aar)]
at[income, on = .(lopenr, year), months := i.months]
at[, status := fcase(
  job & course, "15", job, "11", course, "05", !is.na(state), codes[state], months > 0, "35", !is.na(months), "80",
  default = "08"
)]
fwrite(at[, .(person_id = lopenr, horizon, status)], file.path(folder, "answers", "data_table.csv"))
