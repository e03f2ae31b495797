"""What every resource that is sent to us has in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """Part of a resource: what we don't read is left alone, as R4 lets a resource have much more.

    Not so what may change the meaning of the rest (R4, 2.4.1.1): nobody here understands it.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    modifiers: Annotated[tuple[()], Field(alias="modifierExtension")] = ()


class Reference(Part):
    """A reference to a resource."""

    reference: str
