# Confidence sets for ranks in base R, written from section 3 of Mogstad, Romano, Shaikh and Wilhelm (2024), Review of
# Economic Studies 91, 476-518, without a look at the Python: all pairs one by one, critical values from many draws.
# The unit test compares with the numbers it writes (README.md).
suppressPackageStartupMessages(library(jsonlite))
set.seed(20191028)
counts <- read.csv("municipal_counts.csv", colClasses = c(municipality = "character"))
counts <- head(counts[order(-counts$n), ], 25)
# estimates that differ enough for some ranks to be told: the rates, spread out around their mean
y <- counts$successes / counts$n
y <- mean(y) + 2.5 * (y - mean(y))
se <- sqrt(0.24 / counts$n)
k <- length(y)
draws <- 20000
noise <- matrix(rnorm(draws * k), draws) %*% diag(se)

# which pairs (rows i, j) are told apart: the largest studentised difference of those still open, stepping down
told <- function(pairs) {
  s <- sqrt(se[pairs[, 1]]^2 + se[pairs[, 2]]^2)
  t <- abs(y[pairs[, 1]] - y[pairs[, 2]]) / s
  open <- rep(TRUE, nrow(pairs))
  repeat {
    if (!any(open)) break
    gap <- abs(noise[, pairs[open, 1], drop = FALSE] - noise[, pairs[open, 2], drop = FALSE])
    critical <- quantile(apply(sweep(gap, 2, s[open], "/"), 1, max), 0.95)
    beyond <- open & t > critical
    if (!any(beyond)) break
    open <- open & !beyond
  }
  !open
}
limits <- function(better, worse) c(1 + better, k - worse)
marginal <- t(sapply(1:k, function(j) {
  others <- setdiff(1:k, j)
  apart <- others[told(cbind(j, others))]
  limits(sum(y[apart] > y[j]), sum(y[apart] < y[j]))
}))
pairs <- t(combn(k, 2))
apart <- pairs[told(pairs), , drop = FALSE]
joint <- t(sapply(1:k, function(j) {
  mine <- c(apart[apart[, 1] == j, 2], apart[apart[, 2] == j, 1])
  limits(sum(y[mine] > y[j]), sum(y[mine] < y[j]))
}))
write_json(list(versions = list(R = as.character(getRversion())), estimates = y, std_errors = se, marginal = marginal, joint = joint),
           "rank_sets.json", digits = I(12), auto_unbox = TRUE, pretty = FALSE)
