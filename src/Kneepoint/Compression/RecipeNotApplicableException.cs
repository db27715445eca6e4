namespace Kneepoint.Compression;

/// <summary>A recipe that cannot be carried out on this network: the trial is rejected with this sentence, and the study goes on.</summary>
public sealed class RecipeNotApplicableException : Exception
{
    /// <summary>Makes the exception with its sentence.</summary>
    public RecipeNotApplicableException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with its sentence and what caused it.</summary>
    public RecipeNotApplicableException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
