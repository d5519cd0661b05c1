/** The Prefect version whose API this server speaks: what `/admin/version` tells, and clients compare with their own. */
export const prefectVersion = '3.8.8'

/** The version of that API: what `/version` tells. */
export const apiVersion = '0.8.4'
