"""The dispatchers' console (工作台): server-rendered pages, Chinese first with English beside it, all assets local."""
