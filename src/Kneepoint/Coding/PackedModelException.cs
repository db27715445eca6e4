namespace Kneepoint.Coding;

/// <summary>A packed file is damaged, or is none; the message says where and what was found.</summary>
public sealed class PackedModelException : Exception
{
    /// <summary>Says what is wrong.</summary>
    public PackedModelException(string message) : base(message)
    {
    }

    /// <summary>Says what is wrong, and what brought it up.</summary>
    public PackedModelException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
