# Satisfaction of 1,681 householders (README.md): the proportional-odds model of Venables and Ripley, by MASS and survey.
# Writes housing.csv, the data as MASS has them, and housing.json.
suppressPackageStartupMessages({ library(MASS); library(survey); library(jsonlite) })
write.csv(housing, "housing.csv", row.names = FALSE, quote = FALSE)

told <- function(slopes, thresholds, errors) list(
  terms = names(slopes), slopes = unname(slopes), thresholds = unname(thresholds), std_error = unname(errors)
)
tight <- list(reltol = 1e-14, maxit = 500)
counted <- polr(Sat ~ Infl + Type + Cont, housing, weights = Freq, Hess = TRUE, control = tight)
out <- list(polr = c(
  told(counted$coefficients, counted$zeta, sqrt(diag(vcov(counted)))), list(loglik = as.numeric(logLik(counted)))
))

# One row a householder, with made-up weights and clusters that anybody can write down again: a design where they matter.
people <- housing[rep(seq_len(nrow(housing)), housing$Freq), ]
people$weight <- 0.5 + (seq_len(nrow(people)) %% 7) / 4
people$cluster <- seq_len(nrow(people)) %% 41
weighted <- svyolr(Sat ~ Infl + Type + Cont, svydesign(ids = ~1, weights = ~weight, data = people))
clustered <- svyolr(Sat ~ Infl + Type + Cont, svydesign(ids = ~cluster, weights = ~weight, data = people))
for (name in c("weighted", "clustered")) {
  fit <- get(name)
  out[[paste0("svyolr_", name)]] <- told(fit$coefficients, fit$zeta, sqrt(diag(fit$var)))
}
out$versions <- lapply(c(R = "base", MASS = "MASS", survey = "survey"), function(p) as.character(packageVersion(p)))
write_json(out, "housing.json", digits = 12, auto_unbox = TRUE, pretty = TRUE)
