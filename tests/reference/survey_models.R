# Reference results for the survey models (README.md). Reads survey_small.csv, municipal_small.csv, meta_hard.csv (a simulated
# study), standardise_persons.csv and adjusted_towns.csv, writes survey_models.json beside them.
suppressPackageStartupMessages({
  library(clubSandwich); library(MASS); library(ordinal); library(sandwich); library(lme4); library(survey)
  library(metafor); library(psych); library(jsonlite)
})
people <- read.csv("survey_small.csv", colClasses = c(municipality = "character"))
towns <- read.csv("municipal_small.csv", colClasses = c(municipality = "character"))
out <- list()

club <- function(model, type, test) {
  table <- coef_test(model, vcov = type, cluster = people$municipality, test = test)
  list(estimate = table$beta, std_error = table$SE, dof = table[[if (test == "naive-t") "df" else "df_Satt"]])
}
plain <- lm(score ~ result + woman + age, people)
weighted <- lm(score ~ result + woman + age, people, weights = weight)
for (name in c("plain", "weighted")) {
  model <- get(name)
  out[[name]] <- list(
    cr2 = club(model, "CR2", "Satterthwaite"),
    crv1 = list(std_error = coef_test(model, vcov = "CR1S", cluster = people$municipality, test = "z")$SE),
    crv3 = list(std_error = sqrt(diag(vcovCR(model, cluster = people$municipality, type = "CR3"))))
  )
}
people$answer <- factor(people$level, ordered = TRUE)
fit <- clm(answer ~ result + woman + age, data = people)
out$ordinal_plain <- list(coef = unname(coef(fit)), std_error = unname(sqrt(diag(vcov(fit)))), loglik = as.numeric(logLik(fit)))
fit <- clm(answer ~ result + woman + age, data = people, weights = weight)
out$ordinal_weighted <- list(coef = unname(coef(fit)), std_error = unname(sqrt(diag(vcov(fit)))), loglik = as.numeric(logLik(fit)))
# the same with a random intercept, by adaptive quadrature with 15 nodes
people$town <- factor(people$municipality)
fit <- clmm(answer ~ result + woman + age + (1 | town), data = people, nAGQ = 15, Hess = TRUE, control = clmm.control(gradTol = 1e-8))
error <- unname(sqrt(diag(vcov(fit))))
out$clmm <- list(slopes = unname(fit$beta), thresholds = unname(fit$alpha), std_error_thresholds = error[1:3],
  std_error_slopes = error[4:6], sd_between = fit$ST[[1]][1, 1], loglik = as.numeric(logLik(fit)))
fit <- suppressWarnings(polr(answer ~ result + woman + age, data = people, weights = weight, Hess = TRUE))
out$polr_weighted <- list(slopes = unname(coef(fit)), thresholds = unname(fit$zeta))
design <- svydesign(ids = ~municipality, weights = ~weight, data = people)
fit <- svyolr(answer ~ result + woman + age, design)
out$svyolr <- list(slopes = unname(fit$coefficients), thresholds = unname(fit$zeta), std_error = unname(sqrt(diag(fit$var))))

fit <- lmer(score ~ result + woman + age + (1 | municipality), people, REML = TRUE)
out$lmer <- list(estimate = unname(fixef(fit)), std_error = unname(sqrt(diag(as.matrix(vcov(fit))))),
  sd_between = attr(VarCorr(fit)$municipality, "stddev")[[1]], sd_within = sigma(fit), reml = as.numeric(logLik(fit)))

towns$rate <- towns$y_successes / towns$y_n * 10
fit <- rma(yi = s_mean, vi = s_se^2, mods = ~rate, data = towns, method = "REML", test = "knha")
out$rma <- list(estimate = as.numeric(fit$beta), std_error = fit$se, tau2 = fit$tau2, p_value = fit$pval)
hard <- read.csv("meta_hard.csv")
fit <- rma(yi = mean, vi = variance, mods = ~rate, data = hard, method = "REML", test = "knha", control = list(stepadj = 0.5, threshold = 1e-12))
out$rma_hard <- list(estimate = as.numeric(fit$beta), std_error = fit$se, tau2 = fit$tau2)
fit <- glmer(cbind(y_successes, y_n - y_successes) ~ I(s_mean / 10) + (1 | municipality), towns, family = binomial, nAGQ = 15,
  control = glmerControl(tolPwrss = 1e-10, optCtrl = list(maxfun = 1e5)))
out$glmer <- list(estimate = unname(fixef(fit)), std_error = unname(sqrt(diag(as.matrix(vcov(fit))))), sd_between = fit@theta)
fit <- lm(s_mean ~ rate, towns)
out$hc3 <- list(estimate = unname(coef(fit)), std_error = unname(sqrt(diag(vcovHC(fit, type = "HC3")))))
# adjusted for composition: within-municipality logit, level set so that expected and observed successes agree
leavers <- read.csv("standardise_persons.csv", colClasses = c(municipality = "character"))
leavers$sex <- relevel(factor(leavers$sex), "men")
leavers$immigration_ground <- relevel(factor(leavers$immigration_ground), "refuge")
fit <- glm(success ~ sex + immigration_ground + municipality, binomial, leavers, control = list(epsilon = 1e-14, maxit = 100))
line <- model.matrix(~ sex + immigration_ground, leavers)[, -1] %*% coef(fit)[2:3]
level <- uniroot(function(a) sum(plogis(line + a)) - sum(leavers$success), c(-10, 10), tol = 1e-13)$root
expected <- as.numeric(rowsum(plogis(line + level), leavers$municipality))
observed <- as.numeric(rowsum(leavers$success, leavers$municipality))
out$standardised <- list(expected = expected, rate = observed / expected * mean(leavers$success))
both <- read.csv("adjusted_towns.csv", colClasses = c(municipality = "character"))
both$rate <- both$y_adjusted * 10
fit <- lm(s_adjusted ~ rate, both)
out$both_hc3 <- list(estimate = unname(coef(fit)), std_error = unname(sqrt(diag(vcovHC(fit, type = "HC3")))))
fit <- rma(yi = s_adjusted, vi = s_se^2, mods = ~rate, data = both, method = "REML", test = "knha", control = list(threshold = 1e-12))
out$both_rma <- list(estimate = as.numeric(fit$beta), std_error = fit$se)
fit <- glmer(cbind(y_successes, y_n - y_successes) ~ I(s_adjusted / 10) + offset(qlogis(y_expected)) + (1 | municipality), both,
  family = binomial, nAGQ = 15, control = glmerControl(tolPwrss = 1e-10, optCtrl = list(maxfun = 1e5)))
out$both_glmer <- list(estimate = unname(fixef(fit)), std_error = unname(sqrt(diag(as.matrix(vcov(fit))))))
items <- people[, paste0("item", 1:5)]
out$alpha <- psych::alpha(items)$total$raw_alpha
one <- factanal(covmat = cov(items), factors = 1, control = list(lower = 1e-4, opt = list(factr = 1e4)))
load <- one$loadings[, 1] * sqrt(diag(cov(items)))
out$omega <- sum(load)^2 / (sum(load)^2 + sum(one$uniquenesses * diag(cov(items))))
anova <- summary(aov(score ~ municipality, people))[[1]]
n <- table(people$municipality); k <- length(n); n0 <- (sum(n) - sum(n^2) / sum(n)) / (k - 1)
ms <- anova[["Mean Sq"]]

one <- suppressWarnings(psych::fa(items, nfactors = 1, rotate = "none", fm = "ml", covar = TRUE))
out$psych_omega <- sum(one$loadings)^2 / (sum(one$loadings)^2 + sum(diag(cov(items)) - one$loadings^2))
# psych's ICC(2) only: its ICC(1) is for municipalities of equal size.
levels <- psych::statsBy(data.frame(town = as.numeric(people$municipality), score = people$score, age = people$age), "town")
out$psych_icc2 <- levels$ICC2[["score"]]
out$icc1 <- (ms[1] - ms[2]) / (ms[1] + (n0 - 1) * ms[2])
out$icc2 <- n0 * out$icc1 / (1 + (n0 - 1) * out$icc1)
margins <- list(data.frame(woman = 0:1, Freq = c(900, 600)), data.frame(young = c(FALSE, TRUE), Freq = c(700, 800)))
people$young <- people$age < 35
raked <- rake(svydesign(ids = ~1, weights = ~1, data = people), list(~woman, ~young), margins, control = list(maxit = 200, epsilon = 1e-9))
cell <- interaction(people$woman, people$young)
out$raked <- as.list(tapply(weights(raked), cell, mean))
used <- c("clubSandwich", "MASS", "ordinal", "sandwich", "lme4", "survey", "metafor", "psych")
out$versions <- c(list(R = as.character(getRversion())), lapply(setNames(used, used), function(p) as.character(packageVersion(p))))
write_json(out, "survey_models.json", digits = 12, auto_unbox = TRUE, pretty = TRUE)
