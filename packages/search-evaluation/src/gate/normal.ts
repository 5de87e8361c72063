/** Quantiles of the standard normal distribution, to 16 digits. */
export const z = {
  /** 80 %: the power of planned comparisons. */
  p80: 0.8416212335729143,
  /** 95 %: one-sided bounds. */
  p95: 1.6448536269514722,
  /** 97.5 %: two-sided tests at 5 %. */
  p975: 1.959963984540054,
} as const;
