"""Makes blocks for S3 with the stock client and keeps results of flows in them; prints the ids of the flow runs."""

import json
import os

from prefect import flow, task
from prefect.filesystems import RemoteFileSystem
from prefect_aws import AwsCredentials, MinIOCredentials, S3Bucket
from prefect_aws.client_parameters import AwsClientParameters

endpoint = os.environ["S3_ENDPOINT"]
user = os.environ["S3_USER"]
password = os.environ["S3_PASSWORD"]
parameters = AwsClientParameters(endpoint_url=endpoint)

credentials = MinIOCredentials(minio_root_user=user, minio_root_password=password, aws_client_parameters=parameters)
credentials.save("minio")
S3Bucket(bucket_name="results", bucket_folder="runs/kept", credentials=MinIOCredentials.load("minio")).save("minio")
# Without keys: those of the environment.
S3Bucket(bucket_name="results", credentials=AwsCredentials(region_name="eu-west-1", aws_client_parameters=parameters)).save("aws")
RemoteFileSystem(
    basepath="s3://results/remote/",
    settings={"key": user, "secret": password, "client_kwargs": {"endpoint_url": endpoint}},
).save("s3")


@task(cache_key_fn=lambda context, arguments: "from-python", persist_result=True, result_serializer="json")
def cached() -> str:
    return "computed by Python"


@flow(persist_result=True, result_serializer="json")
def keeps(block: str) -> dict:
    return {"kept in": block, "cached": cached()}


runs = {}
for block in ("s3-bucket/minio", "s3-bucket/aws", "remote-file-system/s3"):
    state = keeps.with_options(result_storage=block)(block, return_state=True)
    runs[block] = str(state.state_details.flow_run_id)
print("RUNS " + json.dumps(runs))
