# Reference numbers for the municipal comparison: base R, metafor, lme4 and sandwich on the two CSV files beside this one.
# The numbers it writes are what the unit tests compare with (README.md).
suppressPackageStartupMessages({library(metafor); library(lme4); library(sandwich); library(jsonlite)})
counts <- read.csv("municipal_counts.csv", colClasses = c(municipality = "character"))
persons <- read.csv("municipal_persons.csv", colClasses = c(municipality = "character"))

y <- counts$successes / counts$n
v <- (counts$successes + 1) / (counts$n + 2) * (1 - (counts$successes + 1) / (counts$n + 2)) / counts$n
paule <- rma(y, v, method = "PM", control = list(tol = 1e-12, maxiter = 1000))
profile <- confint(paule, control = list(tol = 1e-12))$random["tau^2", ]

# The moment estimator of the pipeline, written out: sampling variance pi(1-pi)(1-s)/n, solved for s by uniroot.
scale <- sum(counts$successes) / sum(counts$n); scale <- scale * (1 - scale)
excess <- function(s) {
  w <- 1 / (scale * (s + (1 - s) / counts$n))
  sum(w * (y - sum(w * y) / sum(w))^2) - (nrow(counts) - 1)
}
share <- uniroot(excess, c(0, 1), tol = 1e-14)$root
fixed <- rma(y, scale * (1 - share) / counts$n, method = "PM", control = list(tol = 1e-12, maxiter = 1000))

beta_loss <- function(t) {
  m <- plogis(t[1]); s <- exp(t[2])
  -sum(lbeta(counts$successes + m * s, counts$n - counts$successes + (1 - m) * s) - lbeta(m * s, (1 - m) * s))
}
beta_fit <- optim(c(0.4, 4), beta_loss, control = list(reltol = 1e-14, maxit = 5000))

mixed <- glmer(success ~ women + months + (1 | municipality), persons, binomial, nAGQ = 25,
               control = glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9)))
limits <- suppressMessages(confint(mixed, parm = "theta_", method = "profile"))
within <- glm(success ~ women + months + municipality, binomial, persons, control = list(epsilon = 1e-12))
pooled <- glm(success ~ women + months, binomial, persons, control = list(epsilon = 1e-12))
clustered <- function(fit, type) sqrt(diag(vcovCL(fit, cluster = persons$municipality, type = type)))[1:3]
level <- function(w) mean(predict(pooled, transform(persons, women = w), type = "response"))

cases <- data.frame(x = c(0, 1, 3, 12, 30, 5), n = c(5, 5, 10, 30, 43, 5))
wilson <- t(mapply(function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE)$conf.int), cases$x, cases$n))
exact <- t(mapply(function(x, n) binom.test(x, n)$conf.int, cases$x, cases$n))

write_json(list(
  versions = list(R = as.character(getRversion()), metafor = as.character(packageVersion("metafor")),
                  lme4 = as.character(packageVersion("lme4")), sandwich = as.character(packageVersion("sandwich"))),
  paule_mandel = list(mean = c(paule$beta), variance = paule$tau2, low = profile["ci.lb"], high = profile["ci.ub"]),
  moments = list(mean = c(fixed$beta), variance = fixed$tau2, shrunken = blup(fixed)$pred),
  beta_binomial = list(mean = plogis(beta_fit$par[1]),
                       variance = plogis(beta_fit$par[1]) * plogis(-beta_fit$par[1]) / (1 + exp(beta_fit$par[2]))),
  random_intercept = list(coefficients = unname(fixef(mixed)), variance = as.numeric(VarCorr(mixed)$municipality),
                          log_likelihood = as.numeric(logLik(mixed)), sd_low = limits[1], sd_high = limits[2]),
  within = list(coefficients = unname(coef(within)[2:3]), std_errors = unname(clustered(within, "HC0")[2:3])),
  pooled = list(coefficients = unname(coef(pooled)), std_errors = unname(clustered(pooled, "HC1")),
                ame_women = level(1) - level(0),
                ame_months = mean(dlogis(predict(pooled))) * unname(coef(pooled)["months"])),
  shares = list(x = cases$x, n = cases$n, wilson = wilson, exact = exact),
  funnel = list(n = c(10, 47, 200, 1500), q = lapply(c(0.025, 0.975, 0.001, 0.999), qbinom, c(10, 47, 200, 1500), 0.62))
), "municipal_comparison.json", digits = I(12), auto_unbox = TRUE, pretty = TRUE)
