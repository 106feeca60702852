# What R has for the figures of evaluation/: made-up data and the numbers that the tests compare with.
#
#     apt-get install --no-install-recommends r-cran-proc r-cran-survival
#     Rscript tests/evaluation/reference/reference.R tests/evaluation/reference
#
# writes roc.csv, survival.csv and printed.csv into the folder named.

suppressMessages(library(pROC))
library(survival)

folder <- commandArgs(trailingOnly = TRUE)[1]
printed <- data.frame(name = character(), value = character())
put <- function(name, value) {
  text <- if (is.character(value)) value else formatC(value, digits = 10, format = "g", flag = "#")
  printed[nrow(printed) + 1, ] <<- list(name, text)
}
put_interval <- function(name, values) {
  for (i in 1:3) put(paste(name, c("estimate", "lower", "upper")[i]), unname(values[i]))
}
put("R", as.character(getRversion()))
put("pROC", as.character(packageVersion("pROC")))
put("survival", as.character(packageVersion("survival")))

# Three scores of 160 studies, 45 with the finding: a good one, a fair one that goes with it, a coarse one with ties.
set.seed(20221, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
truth <- rep(c(1, 0), c(45, 115))
shared <- rnorm(160)
scores <- data.frame(
  truth = truth,
  good = round(plogis(1.6 * truth - 1 + 0.7 * shared + 0.7 * rnorm(160)), 4),
  fair = round(plogis(1.4 * (0.9 * truth - 1 + 0.7 * shared + 0.7 * rnorm(160))), 4),
  coarse = pmin(pmax(round(2 + 1.2 * truth + rnorm(160)), 0), 5) / 5
)
write.csv(scores, file.path(folder, "roc.csv"), row.names = FALSE, quote = FALSE)

curve <- function(name) roc(truth, scores[[name]], levels = c(0, 1), direction = "<", quiet = TRUE)
for (name in c("good", "fair", "coarse")) {
  put_interval(paste("auc", name), ci.auc(curve(name), method = "delong")[c(2, 1, 3)])
}
for (other in c("fair", "coarse")) {
  test <- roc.test(curve("good"), curve(other), method = "delong", paired = TRUE)
  put_interval(paste("auc good less", other), c(auc(curve("good")) - auc(curve(other)), test$conf.int))
  put(paste("auc good less", other, "p"), test$p.value)
}

# Logistic recalibration of the fair score.
predicted <- qlogis(scores$fair)
to_the_last_digit <- glm.control(epsilon = 1e-14)
slope <- glm(truth ~ predicted, family = binomial, control = to_the_last_digit)
put_interval("recalibration intercept", c(coef(slope)[1], confint.default(slope)[1, ]))
put_interval("recalibration slope", c(coef(slope)[2], confint.default(slope)[2, ]))
shift <- glm(truth ~ 1 + offset(predicted), family = binomial, control = to_the_last_digit)
put_interval("recalibration intercept alone", c(coef(shift), confint.default(shift)))
unchanged <- sum(log(ifelse(truth == 1, plogis(predicted), plogis(-predicted))))
put("recalibration p", pchisq(2 * (as.numeric(logLik(slope)) - unchanged), 2, lower.tail = FALSE))
put("recalibration intercept alone p", pchisq(2 * (as.numeric(logLik(shift)) - unchanged), 1, lower.tail = FALSE))

# 240 patients followed for up to four years, in hundredths of a year, so that there are ties.
set.seed(1562, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
age_years <- round(rnorm(240, 70, 10))
gap_years <- round(rnorm(240, 0, 6), 1)
male <- rbinom(240, 1, 0.55)
event_years <- rexp(240, 0.15 * exp(0.05 * gap_years + 0.03 * (age_years - 70) + 0.3 * male))
censored_years <- runif(240, 1, 4)
cohort <- data.frame(
  years = pmax(round(pmin(event_years, censored_years), 2), 0.01),
  event = as.numeric(event_years <= censored_years),
  gap_years = gap_years, age_years = age_years, male = male
)
write.csv(cohort, file.path(folder, "survival.csv"), row.names = FALSE, quote = FALSE)

curves <- summary(survfit(Surv(years, event) ~ 1, cohort, conf.type = "log-log"), times = c(0.5, 1, 2, 3.5))
for (i in seq_along(curves$time)) {
  put_interval(paste("survival", curves$time[i]), c(curves$surv[i], curves$lower[i], curves$upper[i]))
}
put("log rank p", survdiff(Surv(years, event) ~ cut(age_years, c(-Inf, 65, 75, Inf)), cohort)$pvalue)
cox <- coxph(Surv(years, event) ~ gap_years + age_years + male, cohort, ties = "efron")
for (name in names(coef(cox))) {
  put_interval(paste("hazard ratio", name), exp(c(coef(cox)[name], confint(cox)[name, ])))
  put(paste("hazard ratio", name, "p"), summary(cox)$coefficients[name, "Pr(>|z|)"])
}
put("concordance", concordance(cox)$concordance)

# Proportions and Fisher's test on published counts.
for (counts in list(c(10, 379), c(27, 147), c(6, 328), c(98, 198), c(88, 106), c(63, 81))) {
  put_interval(
    paste("proportion", counts[1], "of", counts[2]),
    c(counts[1] / counts[2], binom.test(counts[1], counts[2])$conf.int)
  )
}
for (counts in list(c(2, 9), c(9, 11), c(23, 24), c(7, 11), c(0, 4), c(0, 5), c(2, 6))) {
  table <- rbind(counts, c(56, 62) - counts)
  put(paste("fisher", counts[1], "of 56,", counts[2], "of 62"), fisher.test(table)$p.value)
}
write.csv(printed, file.path(folder, "printed.csv"), row.names = FALSE)
