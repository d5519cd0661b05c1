// Written by `spillway generate` from the deployments of a server. Do not edit it: run the command again.
import { runDeployment, type DeploymentRun, type RunDeploymentOptions } from '@spillway/sdk'

export type ForecastProdParameters = {
  /** Where. */
  city: string
  /**
   * How many days ahead.
   * Default: 3
   */
  days?: number
  /**
   * Of the temperatures.
   * Default: "celsius"
   */
  unit?: 'celsius' | 'fahrenheit'
}

/** Deployments by name. `run` starts one and waits for its end, as `runDeployment` does; the type of its result is for the caller to give. */
export const deployments = {
  /**
   * Tells how warm a city will be.
   *
   * Args:
   *     city: Where.
   *     days: How many days ahead.
   *     unit: Of the temperatures.
   */
  'forecast/prod': {
    run: <Result = unknown>(parameters: ForecastProdParameters, options?: RunDeploymentOptions): Promise<DeploymentRun<Result>> =>
      runDeployment<Result>('forecast/prod', parameters, options),
  },
}
