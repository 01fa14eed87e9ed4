# Reference numbers for measurement quality (README.md): categorical omega, invariance across languages, the Brant test.
# Reads answers_small.csv, writes measurement.json beside it.
suppressPackageStartupMessages({ library(lavaan); library(semTools); library(jsonlite) })
people <- read.csv("answers_small.csv")
items <- paste0("item", 1:5)
out <- list()

steps <- people[complete.cases(people[items]), items]
fit <- cfa(paste("f =~", paste(items, collapse = " + ")), steps, ordered = items, estimator = "ULS", std.lv = TRUE)
out$polychoric <- unname(unclass(lavInspect(fit, "sampstat")$cov)[lower.tri(diag(5))])
out$loadings <- unname(inspect(fit, "std")$lambda[, 1])
out$omega_categorical <- unname(compRelSEM(fit, ord.scale = TRUE)[["f"]])

model <- paste("f =~", paste(items, collapse = " + "))
grouped <- people[complete.cases(people[items]), ]
steps <- list(configural = "none", metric = "loadings", scalar = c("loadings", "intercepts"))
fits <- lapply(steps, function(equal) {
  cfa(model, grouped, group = "language", group.equal = equal, estimator = "MLM", std.lv = TRUE)
})
wanted <- c("chisq", "df", "chisq.scaling.factor", "baseline.chisq", "baseline.df", "baseline.chisq.scaling.factor",
  "cfi", "rmsea", "cfi.scaled", "rmsea.scaled", "cfi.robust", "rmsea.robust")
out$invariance <- lapply(fits, function(fit) as.list(fitMeasures(fit, wanted)))
test <- lavTestLRT(fits$configural, fits$metric, fits$scalar, method = "satorra.bentler.2001")
out$differences <- list(chisq = test[["Chisq diff"]][-1], df = test[["Df diff"]][-1], p_value = test[["Pr(>Chisq)"]][-1])

# Brant (1990): binary logits of every cut, their joint covariance, and Wald tests that the slopes are the same.
design <- cbind(1, as.matrix(people[c("x", "woman")]))
level <- people$level
cuts <- sort(unique(level))[-1] - 1
logits <- lapply(cuts, function(cut) glm((level > cut) ~ x + woman, binomial, people, epsilon = 1e-12))
chance <- sapply(logits, fitted)
halves <- lapply(seq_along(cuts), function(j) solve(crossprod(design, design * chance[, j] * (1 - chance[, j]))))
blocks <- lapply(seq_along(cuts), function(j) lapply(seq_along(cuts), function(k) {
  shared <- chance[, max(j, k)] - chance[, j] * chance[, k]
  (halves[[j]] %*% crossprod(design, design * shared) %*% halves[[k]])[-1, -1]
}))
covariance <- do.call(rbind, lapply(blocks, function(row) do.call(cbind, row)))
slopes <- unlist(lapply(logits, function(fit) unname(coef(fit)[-1])))
wald <- function(contrast) {
  gap <- contrast %*% slopes
  value <- drop(t(gap) %*% solve(contrast %*% covariance %*% t(contrast)) %*% gap)
  c(value, nrow(contrast), pchisq(value, nrow(contrast), lower.tail = FALSE))
}
m <- length(cuts); p <- 2
all <- cbind(matrix(rep(diag(p), m - 1), ncol = p, byrow = TRUE), -diag((m - 1) * p))
out$brant <- list(omnibus = wald(all), x = wald(all[seq(1, nrow(all), p), ]), woman = wald(all[seq(2, nrow(all), p), ]),
  slopes = slopes)
used <- c("lavaan", "semTools")
out$versions <- c(list(R = as.character(getRversion())), lapply(setNames(used, used), function(p) as.character(packageVersion(p))))
write_json(out, "measurement.json", digits = 12, auto_unbox = TRUE, pretty = TRUE)
